"""The journal of all wallets: what came in, what was spent, by whom, where and how."""
