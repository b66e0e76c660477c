"""Latency: from a change to the screens of 500 watchers, 20 times a second, with everything on one processor.

A change carries the moment at which it was due in a status message; the clients, on another processor of the same
machine, compare it with their clock when they read the frame.
"""

import asyncio
import time

from bench.clients import GATEWAY
from bench.machine import cpu_seconds
from bench.report import Row, Table
from bench.stage import Stage
from presence.facts import SettingsChanged

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
    for number in range(A_SECOND * SECONDS):
        due = first + number / A_SECOND
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        tag = f"~T{int(due * 1e6):016x}~"
        await stage.report_apart(company, [SettingsChanged(company.users[number % USERS], rev + number, message=tag)])
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
