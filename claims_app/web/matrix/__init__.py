"""The matrix of claims and studies, as a page and as files."""
