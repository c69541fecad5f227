"""Signing in with ORCID by OpenID Connect: the code flow with PKCE, and everything that is checked on the way.

It is imported only where the operator has set it up, since it needs packages that nothing else does.
"""

import logging
from typing import Any, cast

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.flask_client import FlaskOAuth2App, OAuth
from flask import Flask
from flask.typing import ResponseReturnValue
from joserfc.errors import JoseError
from requests import RequestException

from claims_app.rules.identifiers import normalise_orcid
from config import OrcidSettings

SECONDS = 10
"""How long ORCID may take to answer."""

ALGORITHMS = ("RS256", "PS256", "ES256")
"""How an ID token may be signed: with a key of which only ORCID has the secret half."""

_FAULTS = (AuthlibBaseError, JoseError, RequestException, ValueError, KeyError, TypeError, RuntimeError)

_log = logging.getLogger(__name__)


class OrcidFailed(Exception):
    """ORCID did not confirm who somebody is; `cancelled` if they did not want it to."""

    def __init__(self, cancelled: bool = False) -> None:
        super().__init__()
        self.cancelled = cancelled


class _Client(FlaskOAuth2App):  # type: ignore[misc]  # Authlib has no type hints
    """Authlib's client, which takes nobody's word but that of the issuer that was set."""

    issuer = ""

    def load_server_metadata(self) -> dict[str, Any]:
        metadata = cast(dict[str, Any], super().load_server_metadata())
        if metadata.get("issuer") != self.issuer:
            metadata.clear()  # what was loaded is not kept
            raise ValueError("the issuer says that it is another one")
        offered = metadata.get("id_token_signing_alg_values_supported") or ALGORITHMS
        metadata["id_token_signing_alg_values_supported"] = [a for a in offered if a in ALGORITHMS]
        return metadata


class Orcid:
    """ORCID, as this application knows it."""

    def __init__(self, app: Flask, settings: OrcidSettings) -> None:
        self._settings = settings
        # What it logs for its own developers has secrets in it.
        logging.getLogger("authlib").setLevel(logging.WARNING)
        self._client = OAuth(app).register(
            "orcid",
            client_cls=_Client,
            client_id=settings.client_id,
            client_secret=settings.client_secret,
            server_metadata_url=f"{settings.issuer}/.well-known/openid-configuration",
            client_kwargs={
                "scope": "openid",
                "code_challenge_method": "S256",
                "token_endpoint_auth_method": "client_secret_post",
                "default_timeout": SECONDS,
            },
        )
        self._client.issuer = settings.issuer

    def ask(self, come_back_to: str) -> ResponseReturnValue:
        """Send the browser to ORCID, which sends it on to the address `come_back_to`. Raises OrcidFailed."""
        try:
            return cast(ResponseReturnValue, self._client.authorize_redirect(come_back_to))
        except _FAULTS as error:
            raise self._failed(error) from None

    def answer(self) -> str:
        """Return the iD that ORCID confirms in the present request: that of whoever this browser was sent there for.

        State, issuer, audience, nonce, times and signature are checked. Raises OrcidFailed.
        """
        try:
            token = self._client.authorize_access_token(
                claims_options={
                    "iss": {"essential": True, "value": self._settings.issuer},
                    "aud": {"essential": True, "value": self._settings.client_id},
                }
            )
            return normalise_orcid(str(token["userinfo"]["sub"]))
        except _FAULTS as error:
            raise self._failed(error) from None

    def _failed(self, error: Exception) -> OrcidFailed:
        cancelled = getattr(error, "error", None) == "access_denied"
        if not cancelled:
            # Its text may hold what ORCID answered, so only its kind is logged.
            _log.warning(
                "sign-in with ORCID failed: %s", getattr(error, "error", None) or type(error).__name__
            )
        return OrcidFailed(cancelled)
