"""Stores and their tills."""
