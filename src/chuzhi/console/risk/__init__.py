"""Suspicion: cases with their evidence, what is done about them, and from where on a rule hits."""
