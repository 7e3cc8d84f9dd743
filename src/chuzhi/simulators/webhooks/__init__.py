"""A program of somebody else that listens for what happened here: it checks every mark, and fails on demand."""
