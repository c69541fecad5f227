"""The rules of the domain: pure functions and plain data, without database or web."""
