"""The programs' door: the same commands as the pages, with keys, scopes, idempotency and problem+json."""
