"""A stand-in for WeChat Pay: its interface for a merchant of its own, its keys, and the pages on which a payer pays."""
