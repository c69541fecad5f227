"""Import of files."""
