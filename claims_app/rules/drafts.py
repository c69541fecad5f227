"""How much of an unfinished form is kept."""

ADDRESS_LENGTH = 200
LABEL_LENGTH = 200
CONTENT_LENGTH = 100_000
"""Characters of one draft, with the names of its fields."""

MOST = 100
"""How many drafts one account keeps."""
