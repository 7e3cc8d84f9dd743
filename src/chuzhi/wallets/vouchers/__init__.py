"""Recharge cards: printed in batches, kept in stores and by partners, alive once sold, redeemed into a wallet once."""
