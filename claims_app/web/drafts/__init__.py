"""Drafts: forms left half-way, kept for their authors."""
