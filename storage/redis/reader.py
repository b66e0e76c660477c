"""What the bus hears from one server: of a cluster's nodes each has a reader of its own, and none waits for another."""

import asyncio
import itertools
import time
from collections.abc import Collection
from typing import Protocol

import hiredis
import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from storage.redis import keys
from storage.redis.client import client_for
from storage.redis.shard_map import Shard
from storage.redis.subscription import Subscription
from wire.ending import end
from wire.identity import GatewayId

log = structlog.get_logger(__name__)

PROBE_INTERVAL = 2.0
"""Seconds between probes; a subscription that died silently is found after at most two of them."""
RECONNECT_FIRST = 0.1
RECONNECT_MOST = 2.0


class Listener(Protocol):
    """Who reads from it: the bus."""

    @property
    def channels(self) -> Collection[bytes]:
        """What is followed, on this shard or another."""

    def received(self, channel: bytes, payload: bytes) -> None: ...

    def subscribed(self, channel: bytes) -> None:
        """Confirmed; for the second time, if the connection was lost in between."""

    def was_lost(self) -> None:
        """A subscription ended: what was published meanwhile was not heard. Called before it is made again."""

    def map_is_doubtful(self) -> None:
        """The channels of this shard may be elsewhere by now."""

    async def is_alive(self) -> None:
        """What is published arrives."""


class Reader:
    """Listens by `subscriber` to what is followed of the shard's channels, and sends itself probes by `publisher`."""

    def __init__(self, shard: Shard, subscriber: Redis, publisher: Redis, life: GatewayId, listener: Listener) -> None:
        self.shard = shard
        self._subscriber = subscriber
        self._publisher = publisher
        self._listener = listener
        self._probe = _probe_on(shard, life)
        self._probe_answered = asyncio.Event()
        self._subscription: Subscription | None = None
        self.heard_at = time.monotonic()
        """When it last was sure to hear what is published, by the monotonic clock."""
        self.round_trip = 0.0
        """Seconds that the newest probe took."""

    @property
    def is_connected(self) -> bool:
        return self._subscription is not None

    def subscribe(self, channel: bytes) -> None:
        # Without a connection, `run` is about to make one, and to subscribe to everything that is followed.
        if self._subscription is not None and self.shard.holds(channel):
            self._subscription.subscribe(channel)

    def unsubscribe(self, channel: bytes) -> None:
        if self._subscription is not None and self.shard.holds(channel):
            self._subscription.unsubscribe(channel)

    async def run(self) -> None:
        """Until cancelled; reconnects for ever."""
        wait = RECONNECT_FIRST
        while True:
            try:
                subscription = await Subscription.open(client_for(self._subscriber, self.shard), self._received)
                try:
                    wait = RECONNECT_FIRST
                    await self._listen(subscription)
                finally:
                    self._subscription = None
                    await subscription.close()
            except (RedisError, hiredis.HiredisError, OSError, TimeoutError) as error:
                log.warning("bus_lost", error=repr(error), retry_in=wait, shard=self.shard.host)
                self._listener.was_lost()
            await asyncio.sleep(wait)
            wait = min(wait * 2, RECONNECT_MOST)

    async def _listen(self, subscription: Subscription) -> None:
        """Raises what ended it."""
        self._subscription = subscription
        subscription.subscribe(self._probe, *(each for each in self._listener.channels if self.shard.holds(each)))
        prober = asyncio.create_task(self._probe_forever())
        try:
            await asyncio.wait({subscription.lost, prober}, return_when=asyncio.FIRST_COMPLETED)
            for ended in (subscription.lost, prober):
                if ended.done():
                    ended.result()
        finally:
            await end(prober)

    def _received(self, kind: bytes, channel: bytes, payload: bytes) -> None:
        if kind == b"smessage":
            if channel == self._probe:
                self._probe_answered.set()
            else:
                self._listener.received(channel, payload)
        elif kind == b"ssubscribe":
            self._listener.subscribed(channel)
        elif kind == b"sunsubscribe" and channel in self._listener.channels:
            self._listener.map_is_doubtful()  # the slot has moved to another node

    async def _probe_forever(self) -> None:
        """Raises TimeoutError when the subscription no longer delivers."""
        while True:
            self._probe_answered.clear()
            began = time.monotonic()
            await self._publisher.spublish(self._probe, b"?")
            async with asyncio.timeout(PROBE_INTERVAL):
                await self._probe_answered.wait()
            self.heard_at = began
            self.round_trip = time.monotonic() - began
            await self._listener.is_alive()
            await asyncio.sleep(PROBE_INTERVAL)


def _probe_on(shard: Shard, life: GatewayId) -> bytes:
    return next(channel for nth in itertools.count() if shard.holds(channel := keys.probe_channel(life, nth).encode()))
