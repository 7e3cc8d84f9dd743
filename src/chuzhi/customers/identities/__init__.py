"""Who a customer is elsewhere: their accounts in other channels, and how sure it is that they are theirs."""
