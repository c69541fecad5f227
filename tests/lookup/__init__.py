"""The clients of bibliographic services."""
