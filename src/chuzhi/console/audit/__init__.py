"""Who did what: the audit log, searched and taken along."""
