"""Card terminals at our counters: whoever acquires their payments is not asked for one, and settles by a file."""
