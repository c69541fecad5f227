"""Searching for words: what people type, what texts are found by, and what is marked in them."""
