"""An OpenID Connect provider for tests that behaves like orcid.org, and can be made to send wrong responses."""

import base64
import hashlib
import http.client
import json
import secrets
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

CLIENT_ID = "APP-TESTS0123456789"
CLIENT_SECRET = "00000000-1111-2222-3333-444444444444"
SOFIA = "0000-0001-5109-3700"

_KEY = RSAKey.generate_key(2048, {"kid": "production-orcid-org-test", "use": "sig"})
FOREIGN_KEY = RSAKey.generate_key(2048, {"kid": "production-orcid-org-test", "use": "sig"})


class Orcid:
    """The provider, on a free local port; it runs within the `with` block.

    `claims` replaces claims of the ID tokens; None removes a claim. `requests` are the authorization requests received.
    """

    def __init__(self) -> None:
        self.person = SOFIA
        self.refuses = False
        self.claims: dict[str, Any] = {}
        self.metadata: dict[str, Any] = {}
        self.algorithm = "RS256"
        self.key: RSAKey | OctKey = _KEY
        self.answer: tuple[int, bytes] | None = None
        self.requests: list[dict[str, str]] = []
        self._codes: dict[str, dict[str, str]] = {}

    def __enter__(self) -> Self:
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                query = {name: values[0] for name, values in parse_qs(parts.query).items()}
                if parts.path == "/.well-known/openid-configuration":
                    self._json(200, provider._configuration())
                elif parts.path == "/oauth/jwks":
                    self._json(200, {"keys": [_KEY.as_dict(private=False)]})
                elif parts.path == "/oauth/authorize":
                    self.send_response(302)
                    self.send_header("Location", provider._authorize(query))
                    self.end_headers()
                else:
                    self._json(404, {})

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                if provider.answer is not None:
                    self._send(*provider.answer)
                    return
                form = {name: values[0] for name, values in parse_qs(body).items()}
                self._json(*provider._token(form))

            def log_message(self, *_arguments: object) -> None:
                pass

            def _json(self, status: int, value: object) -> None:
                self._send(status, json.dumps(value).encode())

            def _send(self, status: int, body: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def issuer(self) -> str:
        """The URL that identifies the provider."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def visit(self, address: str) -> str:
        """Open its login page as a browser does, grant access, and return the path of the redirect back."""
        parts = urlsplit(address)
        assert f"{parts.scheme}://{parts.netloc}" == self.issuer
        connection = http.client.HTTPConnection(parts.netloc, timeout=10)
        try:
            connection.request("GET", f"{parts.path}?{parts.query}")
            location = connection.getresponse().getheader("Location")
        finally:
            connection.close()
        assert location is not None
        back = urlsplit(location)
        return f"{back.path}?{back.query}"

    def _configuration(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/oauth/authorize",
            "token_endpoint": f"{self.issuer}/oauth/token",
            "userinfo_endpoint": f"{self.issuer}/oauth/userinfo",
            "jwks_uri": f"{self.issuer}/oauth/jwks",
            "claims_supported": ["family_name", "given_name", "name", "auth_time", "iss", "sub"],
            "grant_types_supported": ["authorization_code", "implicit", "refresh_token"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "response_types_supported": ["code", "id_token", "id_token token"],
            "scopes_supported": ["openid"],
            "subject_types_supported": ["public"],
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        } | self.metadata

    def _authorize(self, query: dict[str, str]) -> str:
        self.requests.append(query)
        if self.refuses:
            given = {"error": "access_denied", "error_description": "User denied access"}
        else:
            code = secrets.token_urlsafe(6)
            self._codes[code] = query
            given = {"code": code}
        return f"{query['redirect_uri']}?{urlencode(given | {'state': query['state']})}"

    def _token(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            return 401, {"error": "invalid_client", "error_description": "Client authentication failed"}
        request = self._codes.pop(form.get("code", ""), None)
        verifier = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if (
            request is None
            or form.get("grant_type") != "authorization_code"
            or form.get("redirect_uri") != request["redirect_uri"]
            or request.get("code_challenge_method") != "S256"
            or base64.urlsafe_b64encode(verifier).decode().rstrip("=") != request.get("code_challenge")
        ):
            return 400, {"error": "invalid_grant", "error_description": "Invalid authorization code"}
        access_token = secrets.token_hex(16)
        half = hashlib.sha256(access_token.encode()).digest()[:16]
        now = int(time.time())
        claims = {
            "at_hash": base64.urlsafe_b64encode(half).decode().rstrip("="),
            "aud": CLIENT_ID,
            "sub": self.person,
            "auth_time": now,
            "iss": self.issuer,
            "exp": now + 86400,
            "iat": now,
            "nonce": request["nonce"],
            "given_name": "Sofia",
            "family_name": "Garcia",
            "jti": secrets.token_hex(16),
        } | self.claims
        claims = {name: value for name, value in claims.items() if value is not None}
        header = {"alg": self.algorithm, "kid": "production-orcid-org-test"}
        return 200, {
            "access_token": access_token,
            "token_type": "bearer",
            "refresh_token": secrets.token_hex(16),
            "expires_in": 631138518,
            "scope": "openid",
            "name": "Sofia Garcia",
            "orcid": self.person,
            "id_token": jwt.encode(header, claims, self.key, algorithms=[self.algorithm]),
        }
