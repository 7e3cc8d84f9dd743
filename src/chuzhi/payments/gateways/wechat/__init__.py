"""WeChat Pay, version 3 of its interface, for a merchant of its own; agreements by the calls its periodic deduction really has."""
