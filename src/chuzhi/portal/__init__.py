"""Pages for customers: phone first, no business rules."""
