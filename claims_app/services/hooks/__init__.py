"""Webhooks: what is announced, to which addresses, and what became of it."""
