"""Files out and files in."""
