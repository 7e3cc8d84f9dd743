"""A believable year in a chain of shops, told only through the product's own commands."""
