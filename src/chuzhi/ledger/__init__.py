"""Where value is: append-only, provable, and ignorant of customers, pages and shops. Wallets say what it means."""
