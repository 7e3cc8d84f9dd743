"""Coming in and going out: sign-in, one-time links, the store and till somebody works at, their language."""
