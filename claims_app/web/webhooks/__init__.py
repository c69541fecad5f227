"""Webhooks, for admins."""
