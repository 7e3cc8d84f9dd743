"""What was sold: one record for each sale, and the trail of a customer."""
