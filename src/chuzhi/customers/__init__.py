"""Who they are and how to find them, with what is personal kept encrypted. What they hold is in `wallets`."""
