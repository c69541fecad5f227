"""Releases: what was published when, its files, how to cite it, and what changed between two."""
