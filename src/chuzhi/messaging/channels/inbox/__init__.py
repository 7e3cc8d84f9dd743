"""The inbox that a person finds in our own pages."""
