"""Who may spend from somebody else's wallet: its members, how much, on what and when."""
