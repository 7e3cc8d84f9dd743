"""Paying by bank transfer: the customer is told an account and a reference; a statement says later what came."""
