"""How much may come in: what applies to a wallet and why, what the shop set, and who asked for more."""
