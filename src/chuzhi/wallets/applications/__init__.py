"""Somebody asks for a card and shows who they are; somebody else looks at it and issues the card, or says why not."""
