"""Memory: what an idle session costs that is logged in and watches a directory of 500, and whether it comes back."""

from bench.clients import GATEWAY, Clients
from bench.company import Company
from bench.gateway_process import GatewayProcess
from bench.machine import resident_bytes
from bench.report import Row, Table
from bench.stage import Stage
from presence.facts import SettingsChanged

USERS = 500
_GOAL_KIB = 6.0
_WAVES = 3


async def run(stage: Stage) -> Table:
    company = await stage.company(USERS)
    await stage.seed(company)
    await stage.report_apart(
        company, [SettingsChanged(user, 1, message="At lunch until two") for user in company.users]
    )
    gateway = stage.gateway()
    clients = await stage.crowd(gateway)
    await _connect(stage, clients, company, 100)
    await clients.order(f"close {GATEWAY}")
    await clients.order("idle 4")
    before = resident_bytes(gateway.pid)
    await _connect(stage, clients, company, 1_000)
    at_1000 = await _settled(clients, gateway)
    await _connect(stage, clients, company, 4_000)
    at_5000 = await _settled(clients, gateway)
    seconds, objects = gateway.collect_garbage()
    rows = [
        Row("per session, 1,000 sessions", (at_1000 - before) / 1_000 / 1024, "KiB", _GOAL_KIB),
        Row("per session, 5,000 sessions", (at_5000 - before) / 5_000 / 1024, "KiB", _GOAL_KIB),
        Row("full garbage collection at 5,000 sessions", seconds * 1_000, "ms", 25, note=f"{objects:,} objects"),
    ]
    settled = []
    for _ in range(1 + _WAVES):  # after the first one the allocator has what it needs for comings and goings
        await clients.order(f"close {GATEWAY}")
        await clients.order("idle 4")
        await _connect(stage, clients, company, 5_000)
        settled.append(await _settled(clients, gateway))
    growth = (settled[-1] - settled[0]) / (_WAVES * 5_000) / 1024
    rows.append(Row(f"growth for each of {_WAVES * 5_000:,} further logins", growth, "KiB", 0.1))
    return Table(f"Memory: RSS of the gateway, idle sessions that watch a directory of {USERS}", rows)


async def _connect(stage: Stage, clients: Clients, company: Company, count: int) -> None:
    await clients.add_tokens(await stage.tokens(company, count))
    await clients.open(GATEWAY, count)


async def _settled(clients: Clients, gateway: GatewayProcess) -> int:
    await clients.order("idle 3")
    return resident_bytes(gateway.pid)
