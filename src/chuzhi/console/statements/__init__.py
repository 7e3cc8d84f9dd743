"""Bank statements: brought, read, matched; and the lines that somebody has to decide."""
