"""The cash drawer of a till, shift by shift; and all shifts with their differences."""
