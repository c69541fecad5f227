"""Random secrets that are shown once and stored as hashes."""

import hashlib
import secrets


def new_secret() -> str:
    """Return 256 random bits as 43 URL-safe characters."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """Return the hash under which a secret is stored.

    A plain SHA-256 is enough: 256 random bits cannot be guessed, so a slow hash would add nothing.
    """
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()
