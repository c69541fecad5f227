"""The accounts of everybody, for admins."""
