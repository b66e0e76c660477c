"""What is kept for some minutes and given out once, in Redis: logins between their steps, sign-ons under way.

Losing one costs its user to begin again.
"""

from collections.abc import Callable
from typing import Generic, TypeVar

import msgspec
from redis.asyncio import Redis

from storage.redis.client import errors_translated
from wire.identity import DomainId

Kept = TypeVar("Kept")


class RedisOnce(Generic[Kept]):
    """Of structs of one kind, under `key(domain, hash of its token)`."""

    def __init__(self, client: Redis, kind: type[Kept], key: Callable[[DomainId, bytes], str]) -> None:
        self._client = client
        self._key = key
        self._decode = msgspec.msgpack.Decoder(kind).decode

    async def keep(self, domain: DomainId, token_hash: bytes, kept: Kept, seconds: int) -> None:
        async with errors_translated():
            await self._client.set(self._key(domain, token_hash), msgspec.msgpack.encode(kept), ex=seconds)

    async def take(self, domain: DomainId, token_hash: bytes) -> Kept | None:
        async with errors_translated():
            found = await self._client.getdel(self._key(domain, token_hash))
        return self._decode(found) if isinstance(found, bytes) else None
