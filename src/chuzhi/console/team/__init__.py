"""Who works here: the list, invitations, roles, leaving."""
