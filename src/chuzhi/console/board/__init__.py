"""The first page after signing in: how today goes, and where to go on."""
