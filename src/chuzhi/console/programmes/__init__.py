"""Programmes: what wallets hold, on which terms, from when."""
