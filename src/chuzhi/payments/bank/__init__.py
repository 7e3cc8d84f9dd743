"""What came by bank transfer: statements taken in, lines matched with payments, and the cases that a person decides."""
