"""Presence through Redis: changes a second per Redis processor, a gateway's own work for each, and reading it all."""

import asyncio
import time
from collections.abc import Sequence

from bench.clients import GATEWAY
from bench.company import Company
from bench.machine import cpu_seconds
from bench.report import Row, Table, middle
from bench.stage import Stage
from presence.facts import PORTAL, AnyFact, CallChanged, DeviceUp
from wire.commands import CallPhase
from wire.identity import CallId, DeviceId

USERS = 1_000
DOMAINS = 50
_ROUNDS = 11
"""Odd: after the last one nobody is in a call."""


async def run(stage: Stage) -> Table:
    company = await stage.company(USERS)
    await stage.seed(company)
    rows = await _one_company(stage, company)
    rows += await _many_companies(stage)
    rows += await _received(stage, company)
    rows += await _read(stage, company)
    return Table("Presence through Redis", rows)


def _calls(company: Company, turn: int) -> list[AnyFact]:
    """Everybody's colour changes: a call begins or ends."""
    phase = CallPhase.ACTIVE if turn % 2 == 0 else CallPhase.ENDED
    return [CallChanged(user, PORTAL, CallId(f"call-{turn // 2}"), phase, 60_000) for user in company.users]


def _refreshes(company: Company, turn: int) -> list[AnyFact]:
    """Nobody's colour changes: a registration is renewed."""
    return [
        DeviceUp(user, PORTAL, DeviceId("sip:device"), 3_600_000, rev=(1_700_000_000.0 + turn, 0))
        for user in company.users
    ]


async def _one_company(stage: Stage, company: Company) -> list[Row]:
    rows = []
    for name, facts_of, goal in (("changes", _calls, 80_000.0), ("registrations renewed", _refreshes, None)):
        await _together(stage, [(company, facts_of(company, 0))])
        ours, valkey, seconds = [], [], []
        for turn in range(1, _ROUNDS + 1):
            batch = [(company, facts_of(company, turn))]
            spent = await _spent(stage, batch)
            ours.append(spent[0] / USERS)
            valkey.append(spent[1] / USERS)
            seconds.append(spent[2] / USERS)
        rows += [
            Row(f"{name} a second per Redis processor", 1 / middle(valkey), "/s", goal, at_least=True),
            Row("  CPU of the reporting gateway for each", middle(ours) * 1e6, "us", 6.0),
            Row("  a second by the clock, both on one processor", 1 / middle(seconds), "/s"),
        ]
    return rows


async def _many_companies(stage: Stage) -> list[Row]:
    """Single reports of many domains at once: no two of them fit into one run of the script."""
    companies = [await stage.company(USERS // DOMAINS) for _ in range(DOMAINS)]
    for each in companies:
        await stage.seed(each)
    ours, valkey = [], []
    for turn in range(_ROUNDS + 1):
        spent = await _spent(stage, [(each, _calls(each, turn)[:1]) for each in companies])
        ours.append(spent[0] / DOMAINS)
        valkey.append(spent[1] / DOMAINS)
    return [
        Row(f"one change each of {DOMAINS} companies: CPU of the gateway for each", middle(ours) * 1e6, "us"),
        Row("  CPU of Valkey for each", middle(valkey) * 1e6, "us"),
    ]


async def _spent(stage: Stage, work: Sequence[tuple[Company, list[AnyFact]]]) -> tuple[float, float, float]:
    """Seconds: our own CPU, that of Valkey, by the clock. Our own is what a gateway would spend on the same."""
    valkey, clock, ours = cpu_seconds(stage.valkey_pid), time.perf_counter(), time.process_time()
    await _together(stage, work)
    return time.process_time() - ours, cpu_seconds(stage.valkey_pid) - valkey, time.perf_counter() - clock


async def _together(stage: Stage, work: Sequence[tuple[Company, list[AnyFact]]]) -> None:
    await asyncio.gather(*(stage.presence.report(company.domain, facts) for company, facts in work))


async def _received(stage: Stage, company: Company) -> list[Row]:
    gateway = stage.gateway()
    clients = await stage.crowd(gateway)
    await clients.be_available(False)
    await clients.add_tokens(await stage.tokens(company, 1))
    await clients.open(GATEWAY, 1)
    spent = []
    for turn in range(_ROUNDS + 1):
        before = cpu_seconds(gateway.pid)
        outcome = await stage.presence.report(company.domain, _calls(company, 100 + turn))
        await clients.wait_for(outcome.version)
        spent.append((cpu_seconds(gateway.pid) - before) / USERS)
    return [Row("CPU of a gateway that hears of a change", middle(spent) * 1e6, "us", 6.0, note="with one watcher")]


async def _read(stage: Stage, company: Company) -> list[Row]:
    seconds, ours, found = [], [], 0
    for _ in range(100):
        clock, cpu = time.perf_counter(), time.process_time()
        read = await stage.presence.read(company.domain)
        seconds.append(time.perf_counter() - clock)
        ours.append(time.process_time() - cpu)
        found = len(read.records)
    return [
        Row(f"reading the colours of {found:,} users", middle(seconds) * 1e3, "ms", 0.5),
        Row("  CPU of the gateway for it", middle(ours) * 1e3, "ms"),
    ]
