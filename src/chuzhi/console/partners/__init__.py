"""Partners as the merchant sees them: contracts, floats, alarms, statements, their people and keys."""
