"""Merging duplicates of claims and of studies, and taking that back."""
