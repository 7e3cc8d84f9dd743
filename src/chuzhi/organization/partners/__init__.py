"""Agents who take money for us: contract, logins, float, alarms, statements. What they credit is in `wallets.agency`."""
