"""Saved views: lists with filters that an account keeps under a name."""
