"""Top-up offers: what they give, to whom, what they have cost; and what an amount would yield."""
