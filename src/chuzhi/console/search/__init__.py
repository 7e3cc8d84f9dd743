"""What Ctrl-K finds: customers, cards, receipts, and what can be done with them."""
