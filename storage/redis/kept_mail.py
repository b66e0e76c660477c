"""Mails that are shown instead of being sent: the newest few, for a while."""

from collections.abc import Callable
from datetime import UTC, datetime

import msgspec
from redis.asyncio import Redis

from mail.model import KeptMail, Mail
from storage.redis import keys
from storage.redis.client import errors_translated

MOST = 200
SECONDS = 7 * 86_400

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(KeptMail).decode


class RedisMailKeeper:
    """See `mail.model.MailKeeper`."""

    def __init__(self, client: Redis, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._client = client
        self._clock = clock

    async def send(self, mail: Mail) -> None:
        async with errors_translated(), self._client.pipeline(transaction=True) as pipeline:
            pipeline.lpush(keys.KEPT_MAIL, _encode(KeptMail(self._clock(), mail)))
            pipeline.ltrim(keys.KEPT_MAIL, 0, MOST - 1)
            pipeline.expire(keys.KEPT_MAIL, SECONDS)
            await pipeline.execute()

    async def kept(self) -> list[KeptMail]:
        async with errors_translated():
            return [_decode(each) for each in await self._client.lrange(keys.KEPT_MAIL, 0, MOST - 1)]

    async def forget(self) -> None:
        """All of them: whoever is erased may be named in any."""
        async with errors_translated():
            await self._client.delete(keys.KEPT_MAIL)
