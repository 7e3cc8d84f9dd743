"""A bonus for many at once: the list, what it would do, what it did line by line, and its way back."""
