"""Thousands of phones re-register through the contract: what it costs for each, and that nobody is told of it."""

import asyncio
import secrets
import time
from collections.abc import Sequence

import httpx2

from accounts.tokens import hash_token
from bench.clients import GATEWAY, Clients
from bench.company import Company
from bench.gateway_process import GatewayProcess
from bench.machine import cpu_seconds, cpu_seconds_of_family
from bench.report import Row, Table
from bench.stage import Stage
from storage.postgres.pbx_sources import PostgresSourceStore
from wire.identity import SourceId

PHONES = 5_000
EVERY = 60.0
"""Seconds between two registrations of a phone."""
TICK = 0.05
"""Seconds between two batches, as pbx/kamailio/presence.cfg posts them."""
WATCHERS = 500
_LEASE = 120.0
_AT_ONCE = 100


class _Switch:
    """Phones of a company, one for each user, and the line to a gateway."""

    def __init__(self, http: httpx2.AsyncClient, source: str, company: Company) -> None:
        self._http = http
        self._source = source
        # As make_company numbers them.
        self._users = [f"{10_000 + number}@{company.domain}" for number in range(len(company.users))]
        self._seq = 0
        self._turn = 0

    async def snapshot(self) -> None:
        now = time.time()
        devices = [{"user": user, "device": "d", "rev": [now, 0], "ttl": _LEASE} for user in self._users]
        parts = [devices[first : first + 2_000] for first in range(0, len(devices), 2_000)]
        for number, part in enumerate(parts, start=1):
            await self._post(
                "snapshots",
                {
                    "snapshot_id": "first",
                    "as_of_seq": 0,
                    "taken_at": now,
                    "part": number,
                    "parts": len(parts),
                    "devices": part,
                },
            )

    async def refresh(self, count: int) -> None:
        """The next phones, one after the other, in one batch."""
        now = time.time()
        events = [self._refreshed(now) for _ in range(count)]
        await self._post("events", {"last_seq": self._seq, "events": events})

    def _refreshed(self, now: float) -> dict[str, object]:
        user = self._users[self._turn % len(self._users)]
        self._turn += 1
        self._seq += 1
        return {
            "type": "device.up",
            "seq": self._seq,
            "at": now,
            "user": user,
            "device": "d",
            "rev": [now, self._seq],
            "ttl": _LEASE,
            "contact": f"sip:{user.partition('@')[0]}@203.0.113.7:5060",
            "user_agent": "Phone/1.0",
            "refresh": True,
        }

    async def _post(self, what: str, message: dict[str, object]) -> None:
        envelope = {"source": self._source, "epoch": "e", "sent_at": time.time()}
        answer = await self._http.post(f"/ingest/v1/{self._source}/{what}", json=envelope | message)
        answer.raise_for_status()


class _Spent:
    """CPU seconds of all that works on an event, since it was made."""

    def __init__(self, stage: Stage, gateway: GatewayProcess) -> None:
        self._stage, self._gateway = stage, gateway
        self._before = self._now()

    def _now(self) -> Sequence[float]:
        return (
            cpu_seconds(self._gateway.pid),
            cpu_seconds(self._stage.valkey_pid),
            cpu_seconds_of_family(self._stage.postgres_pid),
        )

    def rows(self, events: int, note: str) -> list[Row]:
        spent = [now - before for now, before in zip(self._now(), self._before, strict=True)]
        names = ("of the gateway", "of Valkey", "of PostgreSQL")
        return [
            Row(f"  CPU {name} for each", each / events * 1e6, "us", note=note if position == 0 else "")
            for position, (name, each) in enumerate(zip(names, spent, strict=True))
        ]


async def run(stage: Stage) -> Table:
    company = await stage.company(PHONES)
    gateway = stage.gateway()
    clients = await stage.crowd(gateway)
    await clients.be_available(False)
    await clients.add_tokens(await stage.tokens(company, WATCHERS))
    await clients.open(GATEWAY, WATCHERS)
    source, token = SourceId(f"switch-{secrets.token_hex(4)}"), secrets.token_urlsafe(32)
    await PostgresSourceStore(stage.pool).add(source, hash_token(token), [company.domain])
    async with httpx2.AsyncClient(
        base_url=f"http://127.0.0.1:{gateway.port}", headers={"Authorization": f"Bearer {token}"}, trust_env=False
    ) as http:
        switch = _Switch(http, source, company)
        await switch.snapshot()
        await clients.wait_for((await stage.position(company))[1])
        rows = await _as_in_life(stage, gateway, clients, switch, company)
        rows += await _as_fast_as_it_goes(stage, gateway, clients, switch)
    return Table(f"Registrations: {PHONES:,} phones every {EVERY:.0f} s, {WATCHERS} watchers", rows)


async def _as_in_life(
    stage: Stage, gateway: GatewayProcess, clients: Clients, switch: _Switch, company: Company
) -> list[Row]:
    before, version = await clients.counts(), (await stage.position(company))[1]
    spent, events, began = _Spent(stage, gateway), 0, time.monotonic()
    while (passed := time.monotonic() - began) < EVERY:
        count = int(passed / EVERY * PHONES) - events
        if count:
            await switch.refresh(count)
            events += count
        await asyncio.sleep(max(0.0, began + passed + TICK - time.monotonic()))
    rows = [Row("registrations a second, as phones send them", events / EVERY, "/s")]
    rows += spent.rows(events, f"with all that {WATCHERS} idle sessions cost in these {EVERY:.0f} s")
    after = await clients.counts()
    return [
        *rows,
        Row("presence frames told to anybody", after.presence_frames - before.presence_frames, "", 0.0),
        Row("changes of the stream", (await stage.position(company))[1] - version, "", 0.0),
    ]


async def _as_fast_as_it_goes(stage: Stage, gateway: GatewayProcess, clients: Clients, switch: _Switch) -> list[Row]:
    before = await clients.counts()
    spent, began = _Spent(stage, gateway), time.monotonic()
    for _ in range(4 * PHONES // _AT_ONCE):
        await switch.refresh(_AT_ONCE)
    seconds = time.monotonic() - began
    rows = [Row(f"a second at most, {_AT_ONCE} in a batch, all on one processor", 4 * PHONES / seconds, "/s")]
    rows += spent.rows(4 * PHONES, "")
    after = await clients.counts()
    return [*rows, Row("presence frames told to anybody", after.presence_frames - before.presence_frames, "", 0.0)]
