"""Customers who ask for a top-up by phone, e-mail or chat: what stands in the way, and how they pay."""
