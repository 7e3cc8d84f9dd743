"""The till: find a customer, charge, top up, hold, give back, and hand over a receipt."""
