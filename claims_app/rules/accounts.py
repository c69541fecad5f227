"""Rules for user names, e-mail addresses and passwords.

Each rule has the SQL of its CHECK constraint. The functions raise ValueError with a message that says
what to enter.
"""

import functools
import gzip
import re
import unicodedata
from collections.abc import Collection
from importlib.resources import files

SHORTEST_PASSWORD = 8
LONGEST_PASSWORD = 1000
LONGEST_LABEL = 100

CONTEXT_WORDS = ("admin", "claim", "curator", "editor", "evidence", "orcid", "reader", "research", "welcome")
"""Words that somebody would try first on this site. A password needs more than these, the user name and digits."""

_MORE_THAN_CONTEXT = 4
"""Letters that a password has besides these words."""

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


def check_password(password: str, about: Collection[str] = ()) -> None:
    """Raise ValueError for a password that is too short, too long or easy to guess, or holds control characters.

    `about` has what others know of its owner: the user name and the email address. Any characters are allowed (NIST
    SP 800-63B, 3.1.1.2).
    """
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise ValueError(f"Use {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters for the password.")
    if any(unicodedata.category(sign) in ("Cc", "Cs") for sign in password):
        raise ValueError("Use characters that can be typed: no control characters.")
    if password.casefold() in common_passwords():
        raise ValueError("This password is on the lists that attackers try first. Choose another one.")
    if _is_context(password.casefold(), about):
        raise ValueError("Use more than your user name, words about this site and digits.")


@functools.cache
def common_passwords() -> frozenset[str]:
    """Return the most common passwords of known breaches that are long enough to be one here, in lower case.

    They are those of the list of 20,000 that Django has for the same purpose, by Royce Williams.
    """
    packed = (files(__package__) / "common_passwords.txt.gz").read_bytes()
    return frozenset(gzip.decompress(packed).decode().splitlines())


def _is_context(password: str, about: Collection[str]) -> bool:
    """Return whether a password consists of context words, what is known of its owner, digits and signs."""
    owner = {part for text in about for part in re.split(r"[\W_]+", text.casefold()) if len(part) > 2}
    rest = password
    for word in sorted({*CONTEXT_WORDS, *owner}, key=len, reverse=True):
        rest = rest.replace(word, "")
    letters = sum(map(str.isalpha, rest))
    return rest != password and letters < _MORE_THAN_CONTEXT
