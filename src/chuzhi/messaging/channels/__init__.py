"""Ways to reach somebody. Each is a folder with a `channel.py` that sends one letter; see `registry`."""
