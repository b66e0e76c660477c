"""Slow readers: clients that stop reading must cost the others nothing, and the gateway next to no memory."""

import random
import time

from bench.clients import GATEWAY, Clients
from bench.company import Company
from bench.gateway_process import GatewayProcess
from bench.machine import cpu_seconds, resident_bytes
from bench.report import Row, Table, middle, spread
from bench.stage import Stage
from presence.facts import SettingsChanged

USERS = 500
WATCHERS = 1_000
STALLED = 50
_ROUNDS = 8
_CHANGES = 30


async def run(stage: Stage) -> Table:
    """Of two companies with as many watchers, a twentieth of one's have stopped reading."""
    gateway = stage.gateway()
    healthy, hampered = await stage.company(USERS), await stage.company(USERS)
    crowd_of: dict[str, Clients] = {}
    for company in (healthy, hampered):
        crowd = await stage.crowd(gateway)
        await crowd.be_available(False)
        await crowd.add_tokens(await stage.tokens(company, WATCHERS))
        await crowd.open(GATEWAY, WATCHERS)
        crowd_of[company.domain] = crowd
        await _changes(stage, gateway, crowd, company, 40)
    await crowd_of[hampered.domain].order(f"stall {GATEWAY} 0 {STALLED}")
    before = resident_bytes(gateway.pid)
    for _ in range(20):  # far more than the kernel takes for somebody who does not read
        await _changes(stage, gateway, crowd_of[hampered.domain], hampered, 30)
    grown = resident_bytes(gateway.pid) - before
    ratios = []
    for _ in range(_ROUNDS):
        spent: dict[str, float] = {}
        for company in random.sample([healthy, hampered], 2):
            spent[company.domain] = await _changes(stage, gateway, crowd_of[company.domain], company, _CHANGES)
        reading = WATCHERS - STALLED
        ratios.append((spent[hampered.domain] / reading) / (spent[healthy.domain] / WATCHERS))
    return Table(
        f"Slow readers: {STALLED} of {WATCHERS} watchers have stopped reading",
        [
            Row("CPU per delivery to the others", middle(ratios), "x", 1.05, note=f"half within {spread(ratios)}"),
            Row("memory that waits for each, beside the kernel's 64 KiB", grown / STALLED / 1024, "KiB", 64),
        ],
    )


async def _changes(stage: Stage, gateway: GatewayProcess, crowd: Clients, company: Company, count: int) -> float:
    """CPU seconds of the gateway for some changes, one after the other."""
    before = cpu_seconds(gateway.pid)
    for number in range(count):
        now = time.time_ns() // 1_000
        fact = SettingsChanged(company.users[number % USERS], now, message=f"Now it is {now}")
        await crowd.wait_for(await stage.report_apart(company, [fact]))
    return cpu_seconds(gateway.pid) - before
