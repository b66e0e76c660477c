"""What single sign-on needs kept. Every method raises `wire.errors.Unavailable` if its store does not answer."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

from accounts.model import AuditLine
from accounts.single_sign_on.model import Binding, HandOverIssuer, PendingSignOn, Provider, Vouched
from wire.identity import DomainId, UserId


class SignOnStore(Protocol):
    async def provider(self, domain: DomainId) -> Provider | None: ...

    async def language_of(self, domain: DomainId) -> str:
        """Which the company has chosen; "": none, or there is no such company."""

    async def bound(self, domain: DomainId, issuer: str, subject: str) -> UserId | None:
        """Only of the domain, and only a user who is not deleted."""

    async def users_of_address(self, domain: DomainId, email: str) -> Sequence[UserId]:
        """Those of the domain who have confirmed the address, in whatever case it is written."""

    async def bind(self, binding: Binding, audit: AuditLine) -> bool:
        """False if the subject, or the user at this issuer, is bound to another one already."""

    async def hand_over_issuer(self, domain: DomainId, issuer: str) -> HandOverIssuer | None: ...

    async def keep_issuer_keys(self, issuer: HandOverIssuer, keys: bytes, at: datetime) -> None:
        """What was read at its `keys_url`; nothing, if it has another one by now."""

    async def user_of_name(self, domain: DomainId, names: str, name: str) -> UserId | None:
        """`names`: `login` or `extension`."""

    async def use_token(self, domain: DomainId, issuer: str, token: bytes, until: datetime, now: datetime) -> bool:
        """Whether it was not used before; of several at the same time, one was not. Forgets those that are too old."""


class PendingSignOnStore(Protocol):
    async def keep(self, domain: DomainId, state_hash: bytes, pending: PendingSignOn, seconds: int) -> None: ...

    async def take(self, domain: DomainId, state_hash: bytes) -> PendingSignOn | None:
        """Gives it out once."""


class IdentityProviders(Protocol):
    """Speaks OpenID Connect with them: web/openid.py. Raises `ProviderAway`, and `SignOnDenied` if they say no."""

    async def address(self, provider: Provider, *, state: str, nonce: str, verifier: str, back: str) -> str:
        """Where to send the browser."""

    async def vouched(
        self, provider: Provider, secret: str | None, *, code: str, nonce: str, verifier: str, back: str
    ) -> Vouched: ...


class KeyReader(Protocol):
    """Reads the keys of a portal that hands users over: web/json_reader.py."""

    async def read(self, url: str) -> dict[str, Any]:
        """Limited in time and size. Raises `ProviderAway`."""
