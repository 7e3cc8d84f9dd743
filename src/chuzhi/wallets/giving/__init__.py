"""A gift by link: what a holder gives to whoever opens it."""
