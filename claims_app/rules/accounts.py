"""What an account may be called, where its mail goes, and what a password must be.

Each rule stands beside the SQL of its CHECK constraint. A function raises ValueError with a sentence
that says what would be right.
"""

import re

SHORTEST_PASSWORD = 8
LONGEST_PASSWORD = 1000
LONGEST_LABEL = 100

USERNAME_SQL = "length(username) BETWEEN 2 AND 64 AND username = lower(username)"
FULL_NAME_LENGTH = 120
FULL_NAME_SQL = f"length(trim(full_name)) >= 1 AND length(full_name) <= {FULL_NAME_LENGTH}"
EMAIL_SQL = "length(email) BETWEEN 6 AND 254 AND email LIKE '_%@_%.__%' AND email = lower(email)"
ORCID_SQL = (
    "length(orcid) = 19 AND orcid LIKE '____-____-____-____' AND ltrim(substr(orcid, 1, 18), '0123456789-') = '' "
    "AND ltrim(substr(orcid, 19), '0123456789X') = ''"
)
HASH_SQL = "length(token_hash) = 64"
"""SHA-256 in hexadecimal digits; what a secret was is nowhere in the database."""

_USERNAME = re.compile(r"[a-z0-9][a-z0-9._@-]{1,63}")
_EMAIL = re.compile(r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?\.[a-z0-9-]{2,63}")


def clean_username(text: str) -> str:
    """Return the name of an account in the form that is stored."""
    name = text.strip().lower()
    if not _USERNAME.fullmatch(name):
        raise ValueError("Use 2 to 64 of the characters a-z, 0-9, dot, @, underscore and hyphen.")
    return name


def normal_username(text: str) -> str:
    """Return what was typed as a name, in the form that names are compared in."""
    # PostgreSQL holds no NUL, and no account has one in its name.
    return "" if "\0" in text else text.strip().lower()[:64]


def clean_email(text: str) -> str | None:
    """Return an address for mail in the form that is stored; None for none."""
    address = text.strip().lower()
    if not address:
        return None
    if len(address) > 254 or not _EMAIL.fullmatch(address) or ".." in address:
        raise ValueError("Write an address such as ada@example.org.")
    return address


def check_password(password: str) -> None:
    """Raise ValueError for a password that will not do."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise ValueError(f"Use {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters for a password.")
    if not password.isprintable():
        raise ValueError("Use characters that can be typed.")
