"""E-mail, by the SMTP server that CHUZHI_SMTP_URL names."""
