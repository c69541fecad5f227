"""Addresses that linked data names: nanopublications, and our terms and properties."""
