"""An acquirer of card terminals: cards are taken on its page, and it settles by files with what goes wrong in them."""
