"""What a customer holds: programmes and their terms, wallets, cards, and every move of value a shop makes."""
