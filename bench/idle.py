"""Idle: what thousands of sessions cost that only stay connected, and what a change asks of Redis."""

from bench.clients import GATEWAY, Clients
from bench.company import Company
from bench.gateway_process import GatewayProcess
from bench.machine import cpu_seconds
from bench.report import Row, Table
from bench.stage import Stage
from presence.facts import SettingsChanged

USERS = 500
SECONDS = 60
_CHANGES = 100


async def run(stage: Stage) -> Table:
    company = await stage.company(USERS)
    gateway = stage.gateway()
    clients = await stage.crowd(gateway)
    rows: list[Row] = []
    for more, count in ((5_000, 5_000), (5_000, 10_000)):
        await clients.add_tokens(await stage.tokens(company, more))
        await clients.open(GATEWAY, more)
        await clients.order("idle 12")  # the login's own echoes, and the first renewal of the lease
        rows += await _quiet(stage, gateway, clients, count)
    rows += await _changes(stage, company, clients)
    return Table(f"Idle: sessions in one company of {USERS}, over {SECONDS} s", rows)


async def _quiet(stage: Stage, gateway: GatewayProcess, clients: Clients, count: int) -> list[Row]:
    calls, cpu, valkey = await stage.command_calls(), cpu_seconds(gateway.pid), cpu_seconds(stage.valkey_pid)
    await clients.order(f"idle {SECONDS}")
    cpu, valkey = cpu_seconds(gateway.pid) - cpu, cpu_seconds(stage.valkey_pid) - valkey
    made = _difference(await stage.command_calls(), calls)
    beats = (await clients.counts()).heartbeats
    return [
        Row(f"CPU of the gateway, {count:,} sessions", cpu / SECONDS * 100, "%", note=f"{beats:,} heartbeats so far"),
        Row(f"CPU of Valkey, {count:,} sessions", valkey / SECONDS * 100, "%"),
        Row(f"Redis commands a second, {count:,} sessions", sum(made.values()) / SECONDS, "", 5.0, note=_listed(made)),
    ]


async def _changes(stage: Stage, company: Company, clients: Clients) -> list[Row]:
    before, version = await stage.command_calls(), 0
    for number in range(_CHANGES):
        fact = SettingsChanged(company.users[number], 2**40, message=f"Change {number}")
        version = await stage.report_apart(company, [fact])
    await clients.wait_for(version)
    made = _difference(await stage.command_calls(), before)
    return [
        Row(
            "Redis commands per change, the script's own included",
            sum(made.values()) / _CHANGES,
            "",
            note=_listed(made),
        )
    ]


def _difference(after: dict[str, int], before: dict[str, int]) -> dict[str, int]:
    return {
        name: calls - before.get(name, 0)
        for name, calls in after.items()
        if calls > before.get(name, 0) and name not in ("info", "config|resetstat")
    }


def _listed(calls: dict[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(calls.items(), key=lambda each: -each[1]))
