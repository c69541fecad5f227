"""Writes records of each type, at once or as proposals. Nothing else writes them."""
