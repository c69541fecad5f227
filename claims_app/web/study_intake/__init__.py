"""Adding studies by their identifiers."""
