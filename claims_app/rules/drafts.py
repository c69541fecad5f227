"""Limits of drafts, the saved contents of unfinished forms."""

ADDRESS_LENGTH = 200
LABEL_LENGTH = 200
CONTENT_LENGTH = 100_000
"""Characters of one draft, including its field names."""

MOST = 100
"""Maximum number of drafts per account."""
