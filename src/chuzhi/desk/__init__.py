"""The service desk: what customers complain of and ask, who works on it, and the money that was moved to make it good."""
