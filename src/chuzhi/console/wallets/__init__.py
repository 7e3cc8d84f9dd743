"""A wallet looked at closely: its lots, its entries, its cards; and frozen or unfrozen."""
