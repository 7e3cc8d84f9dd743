"""The pages of a self-service screen: nothing of anybody until they show that a card is theirs, and nothing once they are gone."""
