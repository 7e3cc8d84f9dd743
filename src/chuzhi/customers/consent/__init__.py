"""What customers agreed to: per purpose, with proof; a history that is only added to."""
