"""Latency: from a change to the screens of 500 watchers, 20 times a second, with everything on one processor.

A change carries in a status message the moment at which it was reported, the way a gateway reports it; the clients, on
another processor of the same machine, compare it with their clock when they read the frame. Changes come when they are
due, however long the one before took.
"""

import asyncio
import time

from bench.clients import GATEWAY
from bench.machine import cpu_seconds
from bench.report import Row, Table
from bench.stage import Stage
from presence.facts import SettingsChanged
from presence.store import Outcome

USERS = 500
A_SECOND = 20
SECONDS = 30


async def run(stage: Stage) -> Table:
    company = await stage.company(USERS)
    gateway = stage.gateway()
    clients = await stage.crowd(gateway)
    await clients.add_tokens(await stage.tokens(company, USERS))
    await clients.open(GATEWAY, USERS)
    await clients.order("idle 3")
    await clients.reset()
    rev = time.time_ns() // 1_000_000
    polling = asyncio.create_task(clients.order(f"poll {SECONDS + 2}"))
    await asyncio.sleep(0.5)
    before = cpu_seconds(gateway.pid)
    first = time.monotonic()
    reports: set[asyncio.Task[Outcome]] = set()
    for number in range(A_SECOND * SECONDS):
        await asyncio.sleep(max(0.0, first + number / A_SECOND - time.monotonic()))
        tag = f"~T{int(time.monotonic() * 1e6):016x}~"
        fact = SettingsChanged(company.users[number % USERS], rev + number, message=tag)
        reports.add(report := asyncio.create_task(stage.presence.report(company.domain, [fact])))
        report.add_done_callback(reports.discard)
    spent = cpu_seconds(gateway.pid) - before
    await polling
    seen = await clients.latencies()
    return Table(
        f"Change to screen: {A_SECOND} changes a second to {USERS} watchers, one processor",
        [
            Row("median", seen.p50 / 1000, "ms", 3.0),
            Row("99 of 100", seen.p99 / 1000, "ms", 7.0),
            Row("longest", seen.max / 1000, "ms"),
            Row("CPU of the gateway per delivery", spent / seen.count * 1e6, "us", 10.0),
            Row("deliveries", seen.count, "", A_SECOND * SECONDS * USERS, at_least=True),
        ],
    )
