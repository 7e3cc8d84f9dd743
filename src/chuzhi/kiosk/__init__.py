"""A screen in a store at which customers serve themselves: how a browser becomes one, who stands before it, and how they prove it."""
