"""Alipay's open platform: page, wap, shown and scanned codes, agreements, refunds and the daily bill, signed with RSA2."""
