"""Paid value that a customer asks back: worked out line by line, held, decided by a second person, paid.

A charge that is undone at the till is not one of these: see `wallets.spending`.
"""
