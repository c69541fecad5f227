"""The account of the signed-in user."""
