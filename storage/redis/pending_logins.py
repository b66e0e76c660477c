"""Logins that wait for their second step, in Redis, for some minutes. Losing one means typing the password again."""

import msgspec
from redis.asyncio import Redis

from accounts.factors.model import PendingLogin
from storage.redis import keys
from storage.redis.client import errors_translated
from wire.identity import DomainId

_decode = msgspec.msgpack.Decoder(PendingLogin).decode


class RedisPendingLoginStore:
    """See `accounts.factors.store.PendingLoginStore`."""

    def __init__(self, client: Redis) -> None:
        self._client = client

    async def keep(self, domain: DomainId, token_hash: bytes, login: PendingLogin, seconds: int) -> None:
        async with errors_translated():
            await self._client.set(keys.pending_login(domain, token_hash), msgspec.msgpack.encode(login), ex=seconds)

    async def take(self, domain: DomainId, token_hash: bytes) -> PendingLogin | None:
        async with errors_translated():
            found = await self._client.getdel(keys.pending_login(domain, token_hash))
        return _decode(found) if isinstance(found, bytes) else None
