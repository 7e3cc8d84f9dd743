"""What staff keep of lists: their ways to look at one, the files they took along, and what they do to many rows at once.

What a list shows, and what can be done to its rows, is not here: pages know it, and give it in.
"""
