"""Who follows a domain on the bus and keeps what it hears, and a bus that runs for a while."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from storage.redis.bus import RedisBus
from storage.redis.client import make_client, make_subscriber_client
from tests.support.waiting import WAIT
from wire.announce import Announcement, SessionsEnded
from wire.ending import end
from wire.identity import GatewayId


class Ear:
    """A follower that keeps what it hears."""

    def __init__(self) -> None:
        self.heard: list[object] = []
        self.times_lost = 0
        self._something = asyncio.Event()

    def presence(self, payload: bytes) -> None:
        self._note(payload)

    def announced(self, announcement: Announcement, event: bytes) -> None:
        self._note((announcement.to, event))

    def sessions_ended(self, ended: SessionsEnded) -> None:
        self._note(ended)

    def lost(self) -> None:
        self.times_lost += 1
        self._something.set()

    def _note(self, what: object) -> None:
        self.heard.append(what)
        self._something.set()

    async def hears(self, count: int) -> list[object]:
        async with asyncio.timeout(WAIT):
            while len(self.heard) < count:
                self._something.clear()
                await self._something.wait()
        return self.heard

    async def is_told_of_a_loss(self) -> None:
        async with asyncio.timeout(WAIT):
            while not self.times_lost:
                self._something.clear()
                await self._something.wait()


@asynccontextmanager
async def running_bus(redis_url: str, subscriber_url: str, life: GatewayId | None = None) -> AsyncIterator[RedisBus]:
    client, subscriber = make_client(redis_url), make_subscriber_client(subscriber_url)
    bus = RedisBus(client, subscriber, life or GatewayId(secrets.token_hex(4)))
    task = asyncio.create_task(bus.run())
    yield bus
    await end(task)
    await client.aclose()
    await subscriber.aclose()
