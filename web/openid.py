"""Speaks OpenID Connect with identity providers: discovery, the authorization code flow with PKCE, their keys.

What they answer is limited in time and size, redirects are not followed, and nothing of it is believed that is not in a
token which they signed for us.
"""

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import httpx2
import msgspec
import structlog
from authlib.common.errors import AuthlibBaseError  # type: ignore[import-untyped]
from authlib.integrations.httpx_client import AsyncOAuth2Client  # type: ignore[import-untyped]

from accounts.single_sign_on.errors import ProviderAway, SignOnDenied
from accounts.single_sign_on.model import Provider, Vouched
from accounts.single_sign_on.tokens import BadToken, id_token_claims
from web.json_reader import MOST_SECONDS, JsonReader, is_trusted_address

log = structlog.get_logger(__name__)

KEPT_SECONDS = 3_600.0
"""So long are a provider's addresses and keys believed to be what they were."""
AFRESH_SECONDS = 60.0
"""Not more often are its keys read again because one is not among them."""
_SCOPE = "openid email"


class Metadata(msgspec.Struct, frozen=True):
    """What is read of a provider's own description; everything else is left."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)


class _Kept(msgspec.Struct):
    metadata: Metadata
    keys: dict[str, Any]
    read_at: float


class OpenIdProviders:
    """See `accounts.single_sign_on.store.IdentityProviders`."""

    def __init__(
        self,
        reader: JsonReader,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._reader = reader
        self._clock = clock
        self._monotonic = monotonic
        self._kept: dict[str, _Kept] = {}

    async def address(self, provider: Provider, *, state: str, nonce: str, verifier: str, back: str) -> str:
        kept = await self._known(provider.issuer)
        async with self._client(provider, None, kept, back) as client:
            url, _ = client.create_authorization_url(
                kept.metadata.authorization_endpoint, state=state, nonce=nonce, code_verifier=verifier
            )
        return str(url)

    async def vouched(
        self, provider: Provider, secret: str | None, *, code: str, nonce: str, verifier: str, back: str
    ) -> Vouched:
        kept = await self._known(provider.issuer)
        token = await self._id_token(provider, secret, kept, code, verifier, back)
        try:
            claims = self._claims(token, provider, kept, nonce)
        except BadToken:
            # Its keys may be new.
            kept = await self._known(provider.issuer, not_older_than=AFRESH_SECONDS)
            claims = self._told(token, provider, kept, nonce)
        return Vouched(
            issuer=provider.issuer,
            subject=str(claims["sub"]),
            email=str(claims.get("email", "")),
            email_verified=claims.get("email_verified") in (True, "true"),
        )

    def _told(self, token: str, provider: Provider, kept: _Kept, nonce: str) -> dict[str, Any]:
        try:
            return self._claims(token, provider, kept, nonce)
        except BadToken as why:
            log.warning("sign_on_token_refused", domain=provider.domain, issuer=provider.issuer, why=str(why))
            raise SignOnDenied("what it says of you is not good") from None

    def _claims(self, token: str, provider: Provider, kept: _Kept, nonce: str) -> dict[str, Any]:
        return id_token_claims(
            token,
            kept.keys,
            issuer=provider.issuer,
            client_id=provider.client_id,
            nonce=nonce,
            now=self._clock(),
        )

    async def _id_token(
        self, provider: Provider, secret: str | None, kept: _Kept, code: str, verifier: str, back: str
    ) -> str:
        try:
            async with asyncio.timeout(MOST_SECONDS), self._client(provider, secret, kept, back) as client:
                answer = await client.fetch_token(
                    kept.metadata.token_endpoint, grant_type="authorization_code", code=code, code_verifier=verifier
                )
        except AuthlibBaseError as refused:
            log.warning("sign_on_refused", domain=provider.domain, issuer=provider.issuer, why=str(refused)[:200])
            raise SignOnDenied("it does not know what it has just said") from None
        except (TimeoutError, httpx2.HTTPError, ValueError) as error:
            raise ProviderAway(type(error).__name__) from error
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise SignOnDenied("it does not say who you are")
        return token

    def _client(self, provider: Provider, secret: str | None, kept: _Kept, back: str) -> AsyncOAuth2Client:
        return AsyncOAuth2Client(
            client_id=provider.client_id,
            client_secret=secret,
            token_endpoint_auth_method=_method(secret, kept.metadata),
            scope=_SCOPE,
            redirect_uri=back,
            code_challenge_method="S256",
            **self._reader.options,
        )

    async def _known(self, issuer: str, *, not_older_than: float = KEPT_SECONDS) -> _Kept:
        kept = self._kept.get(issuer)
        if kept is not None and self._monotonic() - kept.read_at < not_older_than:
            return kept
        metadata = msgspec.convert(
            await self._reader.read(issuer.rstrip("/") + "/.well-known/openid-configuration"), Metadata
        )
        if metadata.issuer != issuer:
            raise ProviderAway("it calls itself something else")
        keys = await self._reader.read(metadata.jwks_uri)
        self._kept[issuer] = _Kept(metadata, keys, self._monotonic())
        return self._kept[issuer]


def is_issuer(url: str) -> bool:
    """As a provider calls itself: an address without anything behind its path."""
    return is_trusted_address(url) and not urlsplit(url).query and not urlsplit(url).fragment


def _method(secret: str | None, metadata: Metadata) -> str:
    if secret is None:
        return "none"
    methods = metadata.token_endpoint_auth_methods_supported
    return "client_secret_basic" if "client_secret_basic" in methods else "client_secret_post"
