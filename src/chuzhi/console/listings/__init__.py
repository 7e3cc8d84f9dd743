"""Every list there is, by its name, and what can be done with any of them: keep a view, take it along, act on many rows."""
