"""A stand-in for Alipay's open platform: its gateway, a payer's app to tap through, its notices, books and bills."""
