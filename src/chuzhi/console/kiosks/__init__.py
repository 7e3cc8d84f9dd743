"""Self-service screens of a store: set up, linked to a terminal, revoked."""
