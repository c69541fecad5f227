"""Bibliographic services: a small module for each, on one HTTP client that follows their rules."""
