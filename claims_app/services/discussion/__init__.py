"""Comments, flags and reader reports on records."""
