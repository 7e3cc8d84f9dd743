"""Money that moves as it should not: rules that follow the journal, the cases they raise, and what is done about each."""
