"""Topping up: choose an amount, choose a way, confirm, pay, wait."""
