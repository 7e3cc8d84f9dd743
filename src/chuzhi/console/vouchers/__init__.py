"""Recharge cards: ordered, printed, sent out and counted; sold at the till; redeemed into a wallet."""
