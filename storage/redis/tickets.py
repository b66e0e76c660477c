"""WebSocket tickets in Redis: they live for half a minute, and losing them costs a client one more request."""

from redis.asyncio import Redis

from storage.redis import keys
from storage.redis.client import errors_translated
from wire.identity import DomainId, SessionId


class RedisTicketStore:
    """See `accounts.store.TicketStore`."""

    def __init__(self, client: Redis) -> None:
        self._client = client

    async def keep(self, domain: DomainId, ticket_hash: bytes, session: SessionId, seconds: int) -> None:
        async with errors_translated():
            await self._client.set(keys.ticket(domain, ticket_hash), session, ex=seconds)

    async def take(self, domain: DomainId, ticket_hash: bytes) -> SessionId | None:
        async with errors_translated():
            found = await self._client.getdel(keys.ticket(domain, ticket_hash))
        return SessionId(found.decode()) if isinstance(found, bytes) else None
