"""Who is whose parent, spouse, employer or friend among the customers."""
