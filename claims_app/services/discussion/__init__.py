"""Comments, flags and reports about records."""
