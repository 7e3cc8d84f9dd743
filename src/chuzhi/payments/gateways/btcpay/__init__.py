"""Virtual currency through a BTCPay server of the merchant's own. Off until somebody opens an account and accepts the risk."""
