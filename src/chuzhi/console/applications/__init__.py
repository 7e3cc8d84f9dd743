"""Applications for cards: taken in, reviewed, approved or rejected."""
