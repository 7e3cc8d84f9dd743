"""A stand-in for a BTCPay server: invoices, coins that come when somebody says so, pull payments, webhooks."""
