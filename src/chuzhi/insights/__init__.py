"""Numbers about everything below, read and never kept: what customers hold, how it moved, and whether the books are in order."""
