"""A stand-in for Stripe: its API, its page for payers, its events and its balance."""
