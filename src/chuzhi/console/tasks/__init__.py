"""Follow-ups of customers: whose they are, and what came of each."""
