"""How a webhook is signed, as Standard Webhooks 1.0 says (https://www.standardwebhooks.com).

The secret of a webhook is not stored. It is derived from the secret key of the site and a random salt, so that somebody
who has the database, or a copy of it, cannot sign.
"""

import base64
import hashlib
import hmac

PREFIX = "whsec_"
"""The prefix of every secret, so that people, libraries and secret scanners recognise it."""


def derive_secret(site_key: str, salt: str) -> bytes:
    """Return the secret of the webhook with this salt."""
    return hmac.digest(site_key.encode(), f"claims webhook secret\n{salt}".encode(), hashlib.sha256)


def fingerprint(secret: bytes) -> str:
    """Return what is stored of a secret, to notice when the secret key of the site was replaced."""
    return hashlib.sha256(secret).hexdigest()


def text_of(secret: bytes) -> str:
    """Return a secret as it is given to the receiver."""
    return PREFIX + base64.b64encode(secret).decode()


def signed_headers(secret: bytes, event_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """Return the headers that identify, date and sign a message; `timestamp` is in seconds since 1970."""
    content = f"{event_id}.{timestamp}.".encode() + body
    signature = base64.b64encode(hmac.digest(secret, content, hashlib.sha256)).decode()
    return {
        "webhook-id": event_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": f"v1,{signature}",
    }
