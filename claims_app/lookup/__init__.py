"""Bibliographic services: one small client for each, on one HTTP client that keeps to their manners."""
