"""Stand-ins for providers, each a process of its own that checks what the real one checks. Shares no code with our adapters."""
