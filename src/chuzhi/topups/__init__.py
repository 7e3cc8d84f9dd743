"""Selling stored value: what is on offer, how a customer can pay for it, and each order until it is credited or given back."""
