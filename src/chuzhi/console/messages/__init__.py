"""What was told to whom and how it fared, the inbox of whoever is signed in, and the words and wishes behind it."""
