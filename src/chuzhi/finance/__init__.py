"""What has to agree agrees, or somebody knows why not: the ledger, our payments and the providers' bills, compared every day."""
