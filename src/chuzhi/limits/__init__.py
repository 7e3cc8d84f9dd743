"""How much may come in: the shop's own ceilings, and higher ones that were asked for and granted.

What a pack of law says is in `core.packs`; what they come to for one top-up, in `wallets.ceilings`.
"""
