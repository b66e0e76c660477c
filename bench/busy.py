"""Busy: what thousands of sessions of many companies cost while their people work, and while they do nothing."""

from msgspec import Struct

from bench.chat import make_conversations
from bench.company import Company
from bench.gateway_process import GatewayProcess
from bench.machine import cpu_seconds, cpu_seconds_of_family, resident_bytes
from bench.report import Row, Table
from bench.returning import Comers, comers
from bench.settling import settle
from bench.stage import Stage

COMPANIES, PEOPLE = 50, 100
CALM_SECONDS, WORK_SECONDS = 15, 30
PACES = 60, 30
"""Seconds between two changes, and between two messages, of each."""


class _Spent(Struct, frozen=True):
    """Seconds of CPU."""

    gateway: float
    postgres: float
    valkey: float

    @classmethod
    def so_far(cls, stage: Stage, gateway: GatewayProcess) -> "_Spent":
        return cls(cpu_seconds(gateway.pid), cpu_seconds_of_family(stage.postgres_pid), cpu_seconds(stage.valkey_pid))

    def rows(self, before: "_Spent", seconds: float) -> list[Row]:
        parts = {
            "the gateway": self.gateway - before.gateway,
            "PostgreSQL": self.postgres - before.postgres,
            "Valkey": self.valkey - before.valkey,
        }
        return [Row(f"  CPU of {name}", spent / seconds * 100, "%") for name, spent in parts.items()]


async def run(stage: Stage) -> Table:
    companies = [await stage.company(PEOPLE) for _ in range(COMPANIES)]
    for company in companies:
        await make_conversations(stage, company)
    gateway = stage.gateway()
    rows: list[Row] = []
    async with comers("bench.people_at_work") as people:
        sessions = COMPANIES * PEOPLE
        await _connect(stage, gateway, people, companies[:1])
        await settle(5)
        warmed = resident_bytes(gateway.pid)
        await _connect(stage, gateway, people, companies[1:])
        rows += await _calm(stage, gateway, sessions, warmed)
        for every in PACES:
            rows += await _work(stage, gateway, people, every)
        rows.append(_memory(gateway, sessions, warmed, "after that"))
        await _connect(stage, gateway, people, companies)
        rows += await _calm(stage, gateway, 2 * sessions, warmed)
    return Table(f"{COMPANIES * PEOPLE:,} people of {COMPANIES} companies, all servers on one processor", rows)


async def _connect(stage: Stage, gateway: GatewayProcess, people: Comers, companies: list[Company]) -> None:
    """One more session for everybody."""
    for company in companies:
        tokens = await stage.tokens(company, PEOPLE)
        conversations = [1 + nth // 2 for nth in range(PEOPLE)]
        await people.order("open", port=gateway.port, tokens=tokens, conversations=conversations)


async def _calm(stage: Stage, gateway: GatewayProcess, sessions: int, warmed: int) -> list[Row]:
    await settle(6)
    before = _Spent.so_far(stage, gateway)
    await settle(CALM_SECONDS)
    spent = _Spent.so_far(stage, gateway)
    return [_memory(gateway, sessions, warmed, "nobody does anything"), *spent.rows(before, CALM_SECONDS)]


def _memory(gateway: GatewayProcess, sessions: int, warmed: int, when: str) -> Row:
    """`warmed`: what it took with those of the first company."""
    each = (resident_bytes(gateway.pid) - warmed) / (sessions - PEOPLE) / 1024
    return Row(f"memory of the gateway per session, {sessions:,}, {when}", each, "KiB")


async def _work(stage: Stage, gateway: GatewayProcess, people: Comers, every: int) -> list[Row]:
    before = _Spent.so_far(stage, gateway)
    told = await people.order("work", seconds=WORK_SECONDS, every=every)
    spent = _Spent.so_far(stage, gateway)
    if told["changes"] + told["messages"] < told["asked"] or told["seen"] < 0.99 * told["messages"]:
        raise RuntimeError(f"not everything was done and seen: {told}")
    counts = ", ".join(f"{told[name] / WORK_SECONDS:.0f} {name}" for name in ("changes", "messages", "reads"))
    return [
        Row(f"each changes, writes and reads every {every} s", told["asked"] / WORK_SECONDS, "/s", note=counts),
        *spent.rows(before, WORK_SECONDS),
        *_waited("a change confirmed", told, "change_confirmed"),
        *_waited("a change on the others' screens", told, "change_seen"),
        *_waited("a message kept and confirmed", told, "message_kept"),
        *_waited("a message on the other's screen", told, "message_seen"),
    ]


def _waited(what: str, told: dict[str, float], name: str) -> list[Row]:
    middle, most = told[f"{name}_p50"] * 1e3, told[f"{name}_p99"] * 1e3
    return [Row(f"  {what}: p50", middle, "ms"), Row("    99 of 100", most, "ms")]
