"""Merging duplicate claims and studies, and undoing a merge."""
