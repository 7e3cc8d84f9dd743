"""Recharge cards sold on line: which of them, the orders of whoever buys some, and their codes, shown once and sent once."""
