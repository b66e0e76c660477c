"""A telephone switch that speaks the contract: it numbers what it tells, and has a clock of its own, which is wrong."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Self

import httpx2
import msgspec
from prometheus_client import CollectorRegistry
from redis.asyncio import Redis

from accounts.tokens import hash_token
from pbx.reading import ReadSnapshot, read_batch, read_snapshot
from pbx.service import SwitchService
from presence.service import PresenceService
from presence.view import Target
from storage.postgres.pbx_sources import PostgresSourceStore
from storage.postgres.pool import Pool
from storage.postgres.presence_settings import PostgresPresenceSettingsStore
from storage.redis.presence import RedisPresenceStore
from storage.redis.sources import RedisSourceMemory
from tests.support.http import http_client
from wire.ending import end
from wire.identity import Caller, DomainId, SourceId, UserId
from wire.ingest import Batch, BatchTaken, SnapshotPart, SnapshotTaken
from wire.records import Colour, Presence

_decode_batch = msgspec.json.Decoder(Batch).decode
_decode_part = msgspec.json.Decoder(SnapshotPart).decode
_decode_record = msgspec.json.Decoder(Presence).decode

START_MS = 1_700_000_000_000


class Telephony:
    """A gateway's services as far as switches need them, over real stores. `pass_seconds` turns our clock."""

    def __init__(self, pool: Pool, redis: Redis) -> None:
        self.presence_store = RedisPresenceStore(redis, START_MS)
        self.presence = PresenceService(
            self.presence_store, PostgresPresenceSettingsStore(pool), _may_manage, _may_manage
        )
        self.sources = PostgresSourceStore(pool)
        self.registry = CollectorRegistry()
        self.memory = RedisSourceMemory(redis, START_MS / 1000)
        self.service = SwitchService(self.sources, self.memory, self.presence, self.registry)

    def pass_seconds(self, seconds: float) -> None:
        self.presence_store.now_ms += int(seconds * 1000)
        self.memory.now += seconds

    async def add_switch(self, *domains: DomainId) -> "Switch":
        name, token = SourceId(f"switch-{secrets.token_hex(4)}"), secrets.token_urlsafe(32)
        await self.sources.add(name, hash_token(token), domains)
        return Switch(self.service, name, token)

    async def presence_of(self, domain: DomainId, user: UserId) -> Presence:
        record = (await self.presence.read(domain)).records.get(user)
        return _decode_record(record) if record else Presence(user=user, rev=0)

    async def colour_of(self, domain: DomainId, user: UserId) -> Colour:
        return (await self.presence_of(domain, user)).colour

    def counted(self, name: str, **labels: str) -> float:
        return self.registry.get_sample_value(name, labels) or 0.0


class Teller:
    """What a switch says: `tell` numbers events, `batch` and `part` make messages of them."""

    def __init__(self, name: SourceId, token: str) -> None:
        self.name, self.token = name, token
        self.epoch = "epoch-1"
        self.last_seq = 0
        self.now = 5_000_000.0

    def tell(self, kind: str, **fields: object) -> dict[str, object]:
        self.last_seq += 1
        return {"type": kind, "seq": self.last_seq, "at": self.now, **fields}

    def device_up(self, user: str, device: str = "d1", *, ttl: float = 60, **fields: object) -> dict[str, object]:
        return self.tell("device.up", **{"user": user, "device": device, "rev": [self.now, 1], "ttl": ttl, **fields})

    def call(self, call: str, phase: str, *parties: tuple[str, str]) -> dict[str, object]:
        told = [{"user": user, "role": role} for user, role in parties]
        return self.tell("call", call=call, phase=phase, parties=told)

    def restart(self) -> None:
        self.epoch, self.last_seq = f"epoch-{secrets.token_hex(4)}", 0

    def batch(self, *events: dict[str, object], **fields: Any) -> dict[str, Any]:
        return {
            "source": self.name,
            "epoch": self.epoch,
            "sent_at": self.now,
            "last_seq": self.last_seq,
            "events": events,
        } | fields

    def part(self, **fields: Any) -> dict[str, Any]:
        return {
            "source": self.name,
            "epoch": self.epoch,
            "sent_at": self.now,
            "snapshot_id": "one",
            "as_of_seq": self.last_seq,
            "taken_at": self.now,
        } | fields


class Switch(Teller):
    """Speaks to a service without HTTP in between. What is told and never sent is lost."""

    def __init__(self, service: SwitchService, name: SourceId, token: str) -> None:
        super().__init__(name, token)
        self._service = service

    async def send(self, *events: dict[str, object], **fields: Any) -> BatchTaken:
        return await self.post(self.batch(*events, **fields))

    async def post(self, batch: dict[str, Any]) -> BatchTaken:
        source = await self._service.authenticate(self.name, self.token)
        return await self._service.take_batch(source, read_batch(_decode_batch(msgspec.json.encode(batch))))

    async def send_snapshot(self, **fields: Any) -> SnapshotTaken:
        source = await self._service.authenticate(self.name, self.token)
        part = _decode_part(msgspec.json.encode(self.part(**fields)))
        return await self._service.take_snapshot_part(source, part, _read)


class HttpSwitch(Teller):
    """Speaks to a real gateway at `url`. `post` gives the bare answer, `send` what became of a batch."""

    def __init__(self, url: str, name: SourceId, token: str) -> None:
        super().__init__(name, token)
        headers = {"Authorization": f"Bearer {token}"}
        self.http = http_client(f"{url}/ingest/v1", headers=headers)
        self._sending = asyncio.Lock()

    @classmethod
    async def add(cls, pool: Pool, url: str, *domains: DomainId) -> "HttpSwitch":
        name, token = SourceId(f"switch-{secrets.token_hex(4)}"), secrets.token_urlsafe(32)
        await PostgresSourceStore(pool).add(name, hash_token(token), domains)
        return cls(url, name, token)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.http.aclose()

    async def post(self, what: str, body: object, **options: Any) -> httpx2.Response:
        return await self.http.post(f"/{self.name}/{what}", json=body, **options)

    async def send(self, *events: dict[str, object], **fields: Any) -> BatchTaken:
        # One after the other, as a switch does it: a heartbeat says that nothing is on its way.
        async with self._sending:
            answer = await self.post("events", self.batch(*events, **fields))
        assert answer.status_code == 200, answer.text
        return msgspec.json.decode(answer.content, type=BatchTaken)

    async def send_snapshot(self, **fields: Any) -> SnapshotTaken:
        answer = await self.post("snapshots", self.part(**fields))
        assert answer.status_code == 200, answer.text
        return msgspec.json.decode(answer.content, type=SnapshotTaken)


@asynccontextmanager
async def beating(switch: HttpSwitch, every: float) -> AsyncIterator[None]:
    """It sends heartbeats, so many seconds apart, until the block ends."""

    async def beat() -> None:
        while True:
            await switch.send()
            await asyncio.sleep(every)

    task = asyncio.create_task(beat())
    try:
        yield
    finally:
        await end(task)


@dataclass(slots=True)
class Office:
    """A domain with two people and a switch that has just come into step with us."""

    telephony: Telephony
    switch: Switch
    domain: DomainId
    alice: UserId
    bob: UserId

    @property
    def alice_address(self) -> str:
        return f"1001@{self.domain}"

    @property
    def bob_address(self) -> str:
        return f"1002@{self.domain}"

    async def colours(self) -> tuple[Colour, Colour]:
        """Alice's and Bob's."""
        return (
            await self.telephony.colour_of(self.domain, self.alice),
            await self.telephony.colour_of(self.domain, self.bob),
        )


def _read(payloads: Sequence[bytes]) -> ReadSnapshot:
    return read_snapshot([_decode_part(payload) for payload in payloads])


def _may_manage(_caller: Caller, _target: Target) -> bool:
    return False
