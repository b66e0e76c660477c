"""An identity provider on loopback: OpenID Connect with PKCE, as strict as it should be, as wrong as a test wants."""

import base64
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs, urlencode

from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.support.serving import serving

CLIENT, SECRET = "presence", "a-clients-secret"


class IdentityProvider:
    """`person` is who logs in next; `claims` overrides what its tokens say; `signs_with`: another key than it names."""

    def __init__(self) -> None:
        self.issuer = ""
        self.key = RSAKey.generate_key(2_048, {"kid": "one"}, auto_kid=False)
        self.person: dict[str, Any] = {}
        self.claims: dict[str, Any] = {}
        self.signs_with: RSAKey | None = None
        self.algorithm = "RS256"
        self.asked: list[dict[str, str]] = []
        self._codes: dict[str, dict[str, str]] = {}

    @property
    def application(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self._describe),
                Route("/keys", self._keys),
                Route("/authorize", self._authorize),
                Route("/token", self._token, methods=["POST"]),
            ]
        )

    async def _describe(self, _request: Request) -> Response:
        return JSONResponse(
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
                "token_endpoint_auth_methods_supported": ["client_secret_basic"],
            }
        )

    async def _keys(self, _request: Request) -> Response:
        return JSONResponse({"keys": [self.key.as_dict(private=False)]})

    async def _authorize(self, request: Request) -> Response:
        """A page with one button, as if somebody were logged in here."""
        asked = dict(request.query_params)
        self.asked.append(asked)
        url = self.answer(asked)
        if request.headers.get("accept", "").startswith("text/html"):
            return HTMLResponse(f'<title>Company</title><a href="{url.replace("&", "&amp;")}">Yes, it is me</a>')
        return RedirectResponse(url)

    def answer(self, asked: dict[str, str]) -> str:
        """Where a browser is sent back to, with a code."""
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        assert asked["client_id"] == CLIENT
        assert "openid" in asked["scope"].split()
        code = secrets.token_urlsafe(16)
        self._codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    async def _token(self, request: Request) -> Response:
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        asked = self._codes.pop(form["code"], None)
        basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if request.headers.get("authorization") != f"Basic {basic}":
            return JSONResponse({"error": "invalid_client"}, 401)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest())
        is_right = asked is not None and challenge.decode().rstrip("=") == asked["code_challenge"]
        if asked is None or not is_right or form["redirect_uri"] != asked["redirect_uri"]:
            return JSONResponse({"error": "invalid_grant"}, 400)
        return JSONResponse({"access_token": "x", "token_type": "Bearer", "id_token": self._id_token(asked)})

    def _id_token(self, asked: dict[str, str]) -> str:
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
            **self.person,
            **self.claims,
        }
        told = {name: value for name, value in claims.items() if value is not None}
        if self.algorithm in ("none", "HS256"):
            parts = [json.dumps(each).encode() for each in ({"alg": self.algorithm, "kid": "one"}, told)]
            signed = ".".join(base64.urlsafe_b64encode(each).decode().rstrip("=") for each in parts)
            # With the public key as if it were a secret one, as some libraries once took it.
            secret = self.key.as_pem(private=False) if self.algorithm == "HS256" else b""
            mac = hmac.digest(secret, signed.encode(), "sha256") if secret else b""
            return f"{signed}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"
        return jwt.encode({"alg": self.algorithm, "kid": "one"}, told, self.signs_with or self.key)


@asynccontextmanager
async def identity_provider() -> AsyncIterator[IdentityProvider]:
    provider = IdentityProvider()
    async with serving(provider.application) as address:
        provider.issuer = address
        yield provider
