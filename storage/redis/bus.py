"""The bus between gateways: one channel a domain, over sharded pub/sub.

What is announced while something is being published leaves with the next publication: alone, an announcement goes out
at once; under load, hundreds of them cost Redis and every gateway one message.

Redis delivers at most once, and a subscription may die while its connection looks healthy. So every reconnect is told
to the followers (`lost`), who then re-read, and a probe to ourselves finds a silent death within seconds (reader.py).
"""

import asyncio
import time
from collections.abc import Callable, Collection, Coroutine, Sequence
from contextlib import suppress
from typing import Any

import msgspec
import structlog
from msgspec import Struct
from redis.asyncio import Redis
from redis.exceptions import RedisError

from storage.micro_batch import MicroBatcher
from storage.redis import keys
from storage.redis.client import errors_translated, shards_of
from storage.redis.reader import Reader
from storage.redis.shard_map import Shard
from wire.announce import Announcement, Follower, SessionsEnded
from wire.codec import encode
from wire.ending import end
from wire.errors import Unavailable
from wire.events import AnyEvent, ChatEvent, EndReason
from wire.identity import ConversationId, DomainId, GatewayId, SessionId, UserId

log = structlog.get_logger(__name__)

LARGEST_BATCH = 200
"""Announcements that travel together: of the longest messages, some two megabytes."""
_BETWEEN = b"\x1e"
"""Between them. In JSON it is always escaped."""

LOOK_EVERY, LOOK_APART = 2.0, 0.1
"""Seconds, at most and at least, between two looks at who answers for which keys."""

_decode_announcement = msgspec.json.Decoder(Announcement).decode
_decode_ended = msgspec.json.Decoder(SessionsEnded).decode
_encode = msgspec.json.Encoder().encode


_LOST = b"L"


async def _nobody_waits() -> None:
    return None


class _Outgoing(Struct, frozen=True):
    domain: DomainId
    payload: bytes


class RedisBus:
    """Publishes with `client`, listens with `subscriber` (which must not time out). Use `run` in a task."""

    def __init__(self, client: Redis, subscriber: Redis, gateway: GatewayId) -> None:
        self._client = client
        self._subscriber = subscriber
        self._life = gateway
        self._readers: dict[Reader, asyncio.Task[None]] = {}
        self.losses = 0
        self._is_doubtful = asyncio.Event()
        """Whether the shards of a cluster may be others by now."""
        self._followers: dict[bytes, Follower] = {}
        self._confirmed: dict[bytes, asyncio.Event] = {}
        self._readers_since = time.monotonic()
        self._was_away = False
        self._tasks: set[asyncio.Task[None]] = set()
        self.on_return: Callable[[], Coroutine[Any, Any, None]] = _nobody_waits
        """What was published arrives again, after it did not or when other servers answer now."""
        self._untold: set[DomainId] = set()
        """Domains in which something could not be announced: their followers are told so once they can be reached."""
        self._outgoing: MicroBatcher[_Outgoing, None] = MicroBatcher(self._publish, id, largest=LARGEST_BATCH)

    def readers(self) -> Collection[Reader]:
        """One for each node that is listened to."""
        return self._readers.keys()

    def heard_at(self, domain: DomainId) -> float:
        """By the monotonic clock: when it was last sure that what is published about the domain arrives here."""
        channel = keys.domain_channel(domain).encode()
        return max((each.heard_at for each in self._readers if each.shard.holds(channel)), default=self._readers_since)

    @property
    def untold(self) -> int:
        return len(self._untold)

    # ------------------------------------------------------------ telling

    async def announce(
        self,
        domain: DomainId,
        event: AnyEvent,
        to: Sequence[UserId] | None = None,
        *,
        shown_in: ConversationId | None = None,
    ) -> None:
        head = self._head_of(Announcement(list(to) if to is not None else None, isinstance(event, ChatEvent), shown_in))
        await self._tell(domain, b"A" + head + b"\n" + encode(event))

    def _head_of(self, announcement: Announcement) -> bytes:
        return _encode(announcement)

    async def end_sessions(
        self, domain: DomainId, user: UserId | None, reason: EndReason, sessions: Sequence[SessionId] | None = None
    ) -> None:
        ended = SessionsEnded(user, reason, list(sessions) if sessions is not None else None)
        await self._tell(domain, b"S" + _encode(ended))

    async def _tell(self, domain: DomainId, payload: bytes) -> None:
        try:
            await self._outgoing.add(_Outgoing(domain, payload))
        except Unavailable:
            # What was announced is committed, and was perhaps committed after everybody has read afresh.
            self._untold.add(domain)
            log.warning("announcement_not_sent", domain=domain)

    async def _publish(self, batch: Sequence["_Outgoing"]) -> list[None]:
        by_domain: dict[DomainId, list[bytes]] = {}
        for each in batch:
            by_domain.setdefault(each.domain, []).append(each.payload)
        async with errors_translated():
            if len(by_domain) == 1:
                ((domain, payloads),) = by_domain.items()
                await self._client.spublish(keys.domain_channel(domain), _BETWEEN.join(payloads))
            else:
                await asyncio.gather(
                    *(
                        self._client.spublish(keys.domain_channel(domain), _BETWEEN.join(payloads))
                        for domain, payloads in by_domain.items()
                    )
                )
        return [None] * len(batch)

    # ------------------------------------------------------------ listening

    async def follow(self, domain: DomainId, follower: Follower) -> None:
        """Returns once Redis has confirmed the subscription: what is read after that misses nothing."""
        channel = keys.domain_channel(domain).encode()
        confirmed = self._confirmed[channel] = asyncio.Event()
        self._followers[channel] = follower
        for reader in self._readers:
            reader.subscribe(channel)
        await confirmed.wait()

    async def unfollow(self, domain: DomainId) -> None:
        channel = keys.domain_channel(domain).encode()
        self._followers.pop(channel, None)
        self._confirmed.pop(channel, None)
        for reader in self._readers:
            reader.unsubscribe(channel)

    async def run(self) -> None:
        """Listens until cancelled, with a reader for each node; reconnects for ever."""
        try:
            while True:
                self._is_doubtful.clear()
                await self._look_again()
                await asyncio.sleep(LOOK_APART)
                with suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_EVERY):
                        await self._is_doubtful.wait()
        finally:
            await self._read_from([])
            await end(*self._tasks)

    async def _look_again(self) -> None:
        try:
            # The other client first: what is written has to go to the right server, too.
            await shards_of(self._client)
            await self._read_from(await shards_of(self._subscriber))
        except (RedisError, OSError) as error:
            log.warning("shards_unknown", error=repr(error))

    async def _read_from(self, shards: Sequence[Shard]) -> None:
        """Keeps the readers of nodes that answer for what they did before: others go on undisturbed."""
        gone = [reader for reader in self._readers if reader.shard not in shards]
        kept = {reader.shard: task for reader, task in self._readers.items() if reader.shard in shards}
        ending = [self._readers.pop(reader) for reader in gone]
        if gone:
            self._readers_since = time.monotonic()
            self._was_away = True
        await end(*ending)
        for shard in shards:
            if shard not in kept:
                reader = Reader(shard, self._subscriber, self._client, self._life, self)
                self._readers[reader] = asyncio.create_task(reader.run())

    # ------------------------------------------------------------ told by the readers

    @property
    def channels(self) -> Collection[bytes]:
        return self._followers

    def received(self, channel: bytes, payload: bytes) -> None:
        follower = self._followers.get(channel)
        if follower is not None:
            self._deliver(follower, payload)

    def subscribed(self, channel: bytes) -> None:
        confirmed = self._confirmed.get(channel)
        if confirmed is None:
            return
        if confirmed.is_set():
            self._followers[channel].lost()  # a second confirmation: the connection was lost in between
        confirmed.set()

    def was_lost(self) -> None:
        self.losses += 1
        self._was_away = True
        self._is_doubtful.set()

    def map_is_doubtful(self) -> None:
        self._is_doubtful.set()

    def _deliver(self, follower: Follower, payload: bytes) -> None:
        if payload[:1] == b"P":
            self._deliver_one(follower, payload)
        else:
            for each in payload.split(_BETWEEN):
                self._deliver_one(follower, each)

    def _deliver_one(self, follower: Follower, payload: bytes) -> None:
        try:
            match payload[:1]:
                case b"P":
                    follower.presence(payload)
                case b"A":
                    self._deliver_announcement(follower, *payload[1:].split(b"\n", 1))
                case b"S":
                    follower.sessions_ended(_decode_ended(payload[1:]))
                case b"L":
                    follower.lost()
        except Exception:
            # One message that cannot be dealt with must not end the stream for everybody else.
            log.exception("bus_message_failed", kind=payload[:1].decode("latin-1"))
            follower.lost()

    def _deliver_announcement(self, follower: Follower, head: bytes, event: bytes) -> None:
        follower.announced(_decode_announcement(head), event)

    async def is_alive(self) -> None:
        """Admits losses to those whom it could not reach before."""
        if self._was_away:
            self._was_away = False
            task = asyncio.create_task(self.on_return())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        for domain in tuple(self._untold):
            await self._client.spublish(keys.domain_channel(domain), _LOST)
            self._untold.discard(domain)
