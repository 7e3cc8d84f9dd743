"""Every component on one page, for those who build pages and for the tests."""
