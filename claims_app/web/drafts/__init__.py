"""Drafts: unfinished forms, kept for their authors."""
