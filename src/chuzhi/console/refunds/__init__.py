"""What would be paid back and why; requests for it, their decision and payment."""
