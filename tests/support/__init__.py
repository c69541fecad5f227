"""Helpers shared by the tests, other than fixtures and factories."""
