"""How ledger, payments and bills agree: days, differences, clearing accounts."""
