"""Downloads as CSV and citation files."""
