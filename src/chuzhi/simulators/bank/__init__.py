"""A bank: people transfer money on its page, and it issues statements in several forms, with the mistakes that people make."""
