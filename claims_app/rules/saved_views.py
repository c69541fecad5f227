"""Limits of saved views."""

NAME_LENGTH = 100
QUERY_LENGTH = 2000
"""Characters of the filters of one view, as in its address."""

MOST = 50
"""Maximum number of saved views per account."""
