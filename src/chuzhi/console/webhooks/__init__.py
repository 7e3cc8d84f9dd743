"""Webhooks: which programs are told, with secrets that are shown once, and what they answered."""
