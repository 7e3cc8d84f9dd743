"""Cards by anybody: what is on one, buying some, applying for one of one's own."""
