"""The keys of a portal that hands users over: given once, or read at its address again and again.

What was read is kept with the issuer, for all gateways. While the address does not answer, what was read before counts.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import msgspec
import structlog

from accounts.single_sign_on.errors import ProviderAway
from accounts.single_sign_on.model import HandOverIssuer
from accounts.single_sign_on.store import KeyReader, SignOnStore
from accounts.single_sign_on.tokens import BadKeys, keys_of_address

log = structlog.get_logger(__name__)

KEPT = timedelta(hours=1)
"""So long are keys believed to be the ones that count."""
APART = timedelta(minutes=1)
"""Not more often does a gateway ask an address, whatever tokens come."""


def is_due(issuer: HandOverIssuer, kid: str, asked_at: datetime | None, now: datetime) -> bool:
    """Whether a token that names the key `kid` ("": none) is a reason to read the keys of its issuer now."""
    if not issuer.keys_url or (asked_at is not None and asked_at <= now < asked_at + APART):
        return False
    is_old = issuer.keys_read_at is None or not issuer.keys_read_at <= now < issuer.keys_read_at + KEPT
    return is_old or lacks(issuer.keys, kid)


def lacks(keys: bytes, kid: str) -> bool:
    """Whether none of them is called so."""
    return kid != "" and all(each.get("kid") != kid for each in _decoded(keys)["keys"])


class IssuerKeys:
    def __init__(self, store: SignOnStore, reader: KeyReader, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._reader = reader
        self._clock = clock
        self._asked_at: dict[str, datetime] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    async def of(self, issuer: HandOverIssuer, kid: str) -> dict[str, Any]:
        """A JWK set, for a token that names `kid`. Whoever names one that is known waits for nobody who reads."""
        if issuer.keys_url and (lacks(issuer.keys, kid) or self._is_due(issuer, kid)):
            issuer = await self._newest(issuer, kid)
        return _decoded(issuer.keys)

    def _is_due(self, issuer: HandOverIssuer, kid: str) -> bool:
        return is_due(issuer, kid, self._asked_at.get(issuer.keys_url), self._clock())

    async def _newest(self, issuer: HandOverIssuer, kid: str) -> HandOverIssuer:
        async with self._locks.setdefault(issuer.keys_url, asyncio.Lock()):
            # Somebody else may just have read them, here or on another gateway.
            issuer = await self._store.hand_over_issuer(issuer.domain, issuer.issuer) or issuer
            if not self._is_due(issuer, kid):
                return issuer
            self._asked_at[issuer.keys_url] = self._clock()
            try:
                keys = keys_of_address(await self._reader.read(issuer.keys_url))
            except (ProviderAway, BadKeys) as failed:
                why = failed.why if isinstance(failed, ProviderAway) else str(failed)
                log.warning("hand_over_keys_not_read", domain=issuer.domain, issuer=issuer.issuer, why=why)
                return issuer
            now = self._clock()
            await self._store.keep_issuer_keys(issuer, keys, now)
        return msgspec.structs.replace(issuer, keys=keys, keys_read_at=now)


def _decoded(keys: bytes) -> dict[str, Any]:
    return msgspec.json.decode(keys, type=dict[str, Any])
