"""Automatic top-ups: agreed to with the text in view, looked at before they happen, stopped in one tap."""
