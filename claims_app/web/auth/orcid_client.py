"""Login with ORCID by OpenID Connect: the authorization code flow with PKCE, and its checks.

This module is imported only if the operator has configured ORCID, since it needs optional packages.
"""

import logging
from typing import Any, cast

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.flask_client import FlaskOAuth2App, OAuth
from flask import Flask
from flask.typing import ResponseReturnValue
from joserfc.errors import JoseError
from requests import RequestException

from claims_app.config import OrcidSettings
from claims_app.rules.identifiers import normalise_orcid

SECONDS = 10
"""Seconds that ORCID may take to respond."""

ALGORITHMS = ("RS256", "PS256", "ES256")
"""Accepted signature algorithms of ID tokens: only asymmetric ones."""

_FAULTS = (AuthlibBaseError, JoseError, RequestException, ValueError, KeyError, TypeError, RuntimeError)

_log = logging.getLogger(__name__)


class OrcidFailed(Exception):
    """ORCID did not confirm the identity; `cancelled` if the user denied access."""

    def __init__(self, cancelled: bool = False) -> None:
        super().__init__()
        self.cancelled = cancelled


class _Client(FlaskOAuth2App):  # type: ignore[misc]  # Authlib has no type hints
    """Authlib's client, restricted to the configured issuer."""

    issuer = ""

    def load_server_metadata(self) -> dict[str, Any]:
        metadata = cast(dict[str, Any], super().load_server_metadata())
        if metadata.get("issuer") != self.issuer:
            metadata.clear()  # do not cache wrong metadata
            raise ValueError("the metadata names another issuer")
        offered = metadata.get("id_token_signing_alg_values_supported") or ALGORITHMS
        metadata["id_token_signing_alg_values_supported"] = [a for a in offered if a in ALGORITHMS]
        return metadata


class Orcid:
    """The ORCID client of the application."""

    def __init__(self, app: Flask, settings: OrcidSettings) -> None:
        self._settings = settings
        # Its debug log contains secrets.
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
                "token_endpoint_auth_method": "client_secret_post",  # nosec B105 - a name, no secret
                "default_timeout": SECONDS,
            },
        )
        self._client.issuer = settings.issuer

    def ask(self, come_back_to: str) -> ResponseReturnValue:
        """Redirect to ORCID, which redirects back to `come_back_to`. Raises OrcidFailed."""
        try:
            return cast(ResponseReturnValue, self._client.authorize_redirect(come_back_to))
        except _FAULTS as error:
            raise self._failed(error) from None

    def answer(self) -> str:
        """Return the iD that ORCID confirms in the current request.

        Checks state, issuer, audience, nonce, times and signature. Raises OrcidFailed.
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
            # The message may contain the response of ORCID, so only the type is logged.
            _log.warning(
                "sign-in with ORCID failed: %s", getattr(error, "error", None) or type(error).__name__
            )
        return OrcidFailed(cancelled)
