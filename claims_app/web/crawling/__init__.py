"""What search engines ask for: which pages there are, and which they should leave alone."""
