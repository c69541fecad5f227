"""Rules for user names, e-mail addresses and passwords.

Each rule has the SQL of its CHECK constraint. The functions raise ValueError with a message that says
what to enter.
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
"""SHA-256 in hexadecimal digits; the secret itself is not stored."""

_USERNAME = re.compile(r"[a-z0-9][a-z0-9._@-]{1,63}")
_EMAIL = re.compile(r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?\.[a-z0-9-]{2,63}")


def clean_username(text: str) -> str:
    """Return a user name in its stored form. Raises ValueError."""
    name = text.strip().lower()
    if not _USERNAME.fullmatch(name):
        raise ValueError("Use 2 to 64 characters: a-z, 0-9, dot, @, underscore and hyphen.")
    return name


def normal_username(text: str) -> str:
    """Return a user name as typed, in the form in which names are compared."""
    # PostgreSQL cannot store NUL, and no user name contains one.
    return "" if "\0" in text else text.strip().lower()[:64]


def clean_email(text: str) -> str | None:
    """Return an e-mail address in its stored form, None if it is empty. Raises ValueError."""
    address = text.strip().lower()
    if not address:
        return None
    if len(address) > 254 or not _EMAIL.fullmatch(address) or ".." in address:
        raise ValueError("Enter an e-mail address such as ada@example.org.")
    return address


def check_password(password: str) -> None:
    """Raise ValueError for a password that is too short, too long or not printable."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise ValueError(f"Use {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters for the password.")
    if not password.isprintable():
        raise ValueError("Use only printable characters.")
