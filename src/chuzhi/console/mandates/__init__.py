"""Automatic top-ups as staff see them: which there are, what each did, and stopped or let go on when a customer asks."""
