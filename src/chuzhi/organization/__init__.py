"""Who we are: stores, tills, staff and what each may do. Customers live in `customers`."""
