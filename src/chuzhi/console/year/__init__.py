"""The demo's year: how far it is told and what it came to. Without a demo the page says so."""
