"""How long personal data is kept: each kind for a time of its own, and what is past it removed for good."""
