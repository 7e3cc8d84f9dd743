"""Customers: the list, a new one, and everything about one on one screen."""
