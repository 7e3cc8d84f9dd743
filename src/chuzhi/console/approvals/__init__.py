"""What waits for a second person, one request with all that its signer needs, and how much each may do alone."""
