"""Fields of customers that the shop makes for itself: which there are, a new one, another word, archived and taken up again."""
