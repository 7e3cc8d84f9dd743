"""Where value is: append-only, provable, and ignorant of customers, pages and shops.

`posting.post` is the only way to write. What a wallet, a card or a sale *means* is said in `wallets` and `till`.
"""
