"""Products, their prices and the shelves they stand on."""
