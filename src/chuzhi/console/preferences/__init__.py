"""How the pages look to whoever reads them: their language and colours."""
