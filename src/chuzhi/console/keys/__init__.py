"""API keys: giving out, changing the secret, revoking."""
