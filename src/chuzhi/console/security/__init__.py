"""A person's own sign-in: second factors, recovery codes, open sessions."""
