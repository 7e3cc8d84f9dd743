"""Customers and opening balances from a file: brought, matched to fields, tried out, taken in, given back."""
