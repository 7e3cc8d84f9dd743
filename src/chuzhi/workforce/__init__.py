"""Colleagues who look after customers together: what they note of them, and whom they tell. And those who start with us by a file."""
