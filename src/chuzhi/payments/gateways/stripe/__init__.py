"""Stripe: Checkout, charges under an agreement, refunds, disputes. Cards never come near us; ids of Stripe do."""
