"""User accounts, for admins."""
