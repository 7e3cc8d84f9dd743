"""What banks export, read into one shape: tables of several layouts, ISO 20022 camt.053, SWIFT MT940. Reads, and knows no database."""
