"""Random secrets: what is given out once, and what of it is kept."""

import hashlib
import secrets


def new_secret() -> str:
    """Return 256 random bits, as 43 characters that an address may hold."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """Return what is stored of a secret.

    A plain SHA-256 will do: nobody guesses 256 random bits, so there is nothing to slow down.
    """
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()
