"""The bus between gateways: one channel a domain, over sharded pub/sub.

Redis delivers at most once, and a subscription may die while its connection looks healthy. So every reconnect is told
to the followers (`on_lost`), who then re-read, and a probe to ourselves finds a silent death within seconds.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import msgspec
import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from storage.redis import keys
from storage.redis.client import errors_translated
from wire.announce import Announcement, Follower, SessionsEnded
from wire.codec import encode
from wire.errors import Unavailable
from wire.events import AnyEvent, ChatEvent, EndReason
from wire.identity import DomainId, GatewayId, SessionId, UserId

log = structlog.get_logger(__name__)

PROBE_INTERVAL = 2.0
"""Seconds between probes; a subscription that died silently is found after at most two of them."""
RECONNECT_FIRST = 0.1
RECONNECT_MOST = 2.0


_decode_announcement = msgspec.json.Decoder(Announcement).decode
_decode_ended = msgspec.json.Decoder(SessionsEnded).decode
_encode = msgspec.json.Encoder().encode


class RedisBus:
    """Publishes with `client`, listens with `subscriber` (which must not time out). Use `run` in a task."""

    def __init__(self, client: Redis, subscriber: Redis, gateway: GatewayId) -> None:
        self._client = client
        self._pubsub = subscriber.pubsub()
        self._probe = keys.probe_channel(gateway).encode()
        self._followers: dict[bytes, Follower] = {}
        self._confirmed: dict[bytes, asyncio.Event] = {}
        self._probe_answered = asyncio.Event()
        self._connected = asyncio.Event()
        self._changing = asyncio.Lock()
        """Held while subscriptions change: the pub/sub object must not open two connections at once."""

    # ------------------------------------------------------------ telling

    async def announce(self, domain: DomainId, event: AnyEvent, to: Sequence[UserId] | None = None) -> None:
        head = _encode(Announcement(list(to) if to is not None else None, isinstance(event, ChatEvent)))
        await self._publish(domain, b"A" + head + b"\n" + encode(event))

    async def end_sessions(
        self, domain: DomainId, user: UserId, reason: EndReason, sessions: Sequence[SessionId] | None = None
    ) -> None:
        ended = SessionsEnded(user, reason, list(sessions) if sessions is not None else None)
        await self._publish(domain, b"S" + _encode(ended))

    async def _publish(self, domain: DomainId, payload: bytes) -> None:
        try:
            async with errors_translated():
                await self._client.spublish(keys.domain_channel(domain), payload)
        except Unavailable:
            # What was announced is committed; receivers find the gap when their subscription returns.
            log.warning("announcement_not_sent", domain=domain)

    # ------------------------------------------------------------ listening

    async def follow(self, domain: DomainId, follower: Follower) -> None:
        """Returns once Redis has confirmed the subscription: what is read after that misses nothing."""
        channel = keys.domain_channel(domain).encode()
        confirmed = self._confirmed[channel] = asyncio.Event()
        self._followers[channel] = follower
        async with self._changing:
            # Without a connection the listening task is about to make one, and to subscribe to all followers.
            if self._connected.is_set():
                with suppress(Unavailable):
                    async with errors_translated():
                        await self._pubsub.ssubscribe(channel)
        await confirmed.wait()

    async def unfollow(self, domain: DomainId) -> None:
        channel = keys.domain_channel(domain).encode()
        self._followers.pop(channel, None)
        self._confirmed.pop(channel, None)
        async with self._changing:
            if self._connected.is_set():
                with suppress(Unavailable):
                    async with errors_translated():
                        await self._pubsub.sunsubscribe(channel)

    async def run(self) -> None:
        """Listens until cancelled; reconnects for ever."""
        wait = RECONNECT_FIRST
        while True:
            prober = asyncio.create_task(self._probe_forever())
            try:
                await self._subscribe_all()
                wait = RECONNECT_FIRST
                await self._listen(prober)
            except (RedisError, OSError, TimeoutError) as error:
                log.warning("bus_lost", error=repr(error), retry_in=wait)
            finally:
                prober.cancel()
                self._connected.clear()
                async with self._changing:
                    await self._pubsub.aclose()  # type: ignore[no-untyped-call]
            await asyncio.sleep(wait)
            wait = min(wait * 2, RECONNECT_MOST)

    async def _subscribe_all(self) -> None:
        async with self._changing:
            await self._pubsub.ssubscribe(self._probe, *self._followers)
            self._connected.set()

    async def _listen(self, prober: asyncio.Task[None]) -> None:
        listener = asyncio.create_task(self._read_forever())
        try:
            done, _ = await asyncio.wait({listener, prober}, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            listener.cancel()

    async def _read_forever(self) -> None:
        async for message in self._pubsub.listen():
            self._received(message)

    def _received(self, message: dict[str, Any]) -> None:
        channel: bytes = message["channel"]
        match message["type"]:
            case "smessage" if channel == self._probe:
                self._probe_answered.set()
            case "smessage":
                follower = self._followers.get(channel)
                if follower is not None:
                    self._deliver(follower, message["data"])
            case "ssubscribe":
                self._subscribed(channel)

    def _subscribed(self, channel: bytes) -> None:
        confirmed = self._confirmed.get(channel)
        if confirmed is None:
            return
        if confirmed.is_set():
            self._followers[channel].lost()  # a second confirmation: the connection was lost in between
        confirmed.set()

    def _deliver(self, follower: Follower, payload: bytes) -> None:
        try:
            match payload[:1]:
                case b"P":
                    follower.presence(payload)
                case b"A":
                    head, event = payload[1:].split(b"\n", 1)
                    follower.announced(_decode_announcement(head), event)
                case b"S":
                    follower.sessions_ended(_decode_ended(payload[1:]))
        except Exception:
            # One message that cannot be dealt with must not end the stream for everybody else.
            log.exception("bus_message_failed", kind=payload[:1].decode("latin-1"))
            follower.lost()

    async def _probe_forever(self) -> None:
        """Raises TimeoutError when the subscription no longer delivers."""
        await self._connected.wait()
        while True:
            self._probe_answered.clear()
            await self._client.spublish(self._probe, b"?")
            async with asyncio.timeout(PROBE_INTERVAL):
                await self._probe_answered.wait()
            await asyncio.sleep(PROBE_INTERVAL)
