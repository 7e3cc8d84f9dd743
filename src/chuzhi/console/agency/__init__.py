"""What a partner's own people see: topping up, selling cards, their account."""
