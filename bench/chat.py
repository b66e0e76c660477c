"""Chat: durable messages from socket to socket, beside plain inserts of the same rows in the same PostgreSQL.

Gateway, PostgreSQL (synchronous_commit on) and Valkey share one processor; the clients have the other. Every message is
acknowledged after its commit and told to both members. The plain inserts have many rows in one statement and nothing
else: no numbers, no members, no clients; this process, which sends them, shares the servers' processor, as a gateway
does. Both take turns, since the machine differs more from minute to minute than they do from each other. At a slow
pace, what remains of a message's delay beside the commit of one plain row is ours.
"""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from statistics import median

from msgspec import Struct

from bench.chat_insert import PLAIN_TABLE, Figures, Meter, Plain, closed_loop, open_loop
from bench.company import Company
from bench.machine import CLIENTS_ON, cpu_seconds, cpu_seconds_of_family
from bench.report import Row, Table
from bench.settling import settle
from bench.stage import Stage
from storage.postgres.pool import connection

PEOPLE = 2_000
AT_ONCE = 200
SECONDS, ROUNDS = 3, 3
PACED, PACED_SECONDS = 200, 10

_CONVERSATIONS = """
WITH pairs AS (SELECT n, ($2::int[])[2 * n - 1] AS one, ($2::int[])[2 * n] AS other FROM generate_series(1, $3::int) n),
made AS (
    INSERT INTO conversations (domain_id, conversation_id, kind, direct_key, member_ids)
    SELECT $1, n, 'direct', one || ':' || other, ARRAY[one, other] FROM pairs
)
INSERT INTO conversation_members (domain_id, conversation_id, user_id)
SELECT $1, n, unnest(ARRAY[one, other]) FROM pairs
"""


class Talked(Struct, frozen=True):
    """Of one round. CPU in seconds for each message, delays in seconds."""

    per_second: float
    gateway: float
    postgres: float
    valkey: float
    p50: float
    p99: float

    @property
    def cpu(self) -> float:
        return self.gateway + self.postgres + self.valkey


class Talkers:
    """The process of bench/talkers.py."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def start(cls) -> "Talkers":
        return cls(
            await asyncio.create_subprocess_exec(
                sys.executable,
                *("-m", "bench.talkers", str(CLIENTS_ON)),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                limit=1 << 22,
            )
        )

    async def order(self, do: str, **fields: object) -> dict[str, float]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"do": do, **fields}).encode() + b"\n")
        await self._process.stdin.drain()
        answer = await self._process.stdout.readline()
        if not answer:
            raise RuntimeError(f"the talkers ended during: {do}")
        told: dict[str, float] = json.loads(answer)
        return told

    async def stop(self) -> None:
        self._process.kill()
        await self._process.wait()


async def run(stage: Stage) -> Table:
    company = await stage.company(PEOPLE)
    pairs = await make_conversations(stage, company)
    async with connection(stage.pool) as conn:
        await conn.execute(PLAIN_TABLE)
    plain = Plain(stage.pool)
    gateway = stage.gateway()
    talkers = await Talkers.start()
    try:
        conversations = [1 + nth // 2 for nth in range(PEOPLE)]
        tokens = await stage.tokens(company, PEOPLE)
        await talkers.order("open", port=gateway.port, tokens=tokens, conversations=conversations)
        await asyncio.sleep(3)
        closed = partial(talkers.order, "closed", seconds=SECONDS, at_once=AT_ONCE)
        rounds: list[tuple[Talked, Figures]] = []
        for nth in range(ROUNDS + 1):
            talked = await _measured(stage, gateway.pid, closed)
            inserted = await _plain(plain, stage.postgres_pid, pairs)
            if nth:  # the first one warms up
                rounds.append((talked, inserted))
            await settle(2)
        paced = partial(talkers.order, "open_loop", seconds=PACED_SECONDS, rate=PACED)
        quiet = await _measured(stage, gateway.pid, paced)
        with Meter(stage.postgres_pid) as alone:
            await open_loop(plain.append_alone, pairs, PACED, PACED_SECONDS, alone)
    finally:
        await talkers.stop()
    return _table(rounds, quiet, alone.figures)


async def make_conversations(stage: Stage, company: Company) -> list[tuple[int, int]]:
    users = company.users
    async with connection(stage.pool) as conn:
        await conn.execute(_CONVERSATIONS, company.domain, users, len(users) // 2)
        await conn.execute("ANALYZE conversations, conversation_members")
    return list(zip(users[::2], users[1::2], strict=True))


async def _measured(stage: Stage, gateway: int, talking: Callable[[], Awaitable[dict[str, float]]]) -> Talked:
    def spent() -> tuple[float, float, float]:
        return cpu_seconds(gateway), cpu_seconds_of_family(stage.postgres_pid), cpu_seconds(stage.valkey_pid)

    before = spent()
    told = await talking()
    own, postgres, valkey = ((after - earlier) / told["sent"] for earlier, after in zip(before, spent(), strict=True))
    if told["heard"] < 2 * told["sent"] * 0.99:
        raise RuntimeError(f"of {told['sent']} messages only {told['heard']} copies were heard")
    return Talked(told["sent"] / told["seconds"], own, postgres, valkey, told["p50"], told["p99"])


async def _plain(plain: Plain, postgres: int, pairs: Sequence[tuple[int, int]]) -> Figures:
    with Meter(postgres) as meter:
        await closed_loop(plain.append, pairs, AT_ONCE, SECONDS, meter)
    return meter.figures


def _table(rounds: list[tuple[Talked, Figures]], quiet: Talked, alone: Figures) -> Table:
    talked = [each for each, _ in rounds]
    plain = [each for _, each in rounds]
    us = 1e6
    ratio = median(each.per_second / other.per_second for each, other in rounds)
    return Table(
        f"Chat, socket to socket, everything kept: {PEOPLE} connections, {AT_ONCE} messages under way",
        [
            Row("messages acknowledged", median(each.per_second for each in talked), "/s", 12_000, at_least=True),
            Row("CPU of everything for each", median(each.cpu for each in talked) * us, "us", 80),
            Row("  of the gateway", median(each.gateway for each in talked) * us, "us"),
            Row("  of PostgreSQL", median(each.postgres for each in talked) * us, "us"),
            Row("  of Valkey", median(each.valkey for each in talked) * us, "us"),
            Row("p50 to the acknowledgement", median(each.p50 for each in talked) * 1e3, "ms"),
            Row("p99", median(each.p99 for each in talked) * 1e3, "ms"),
            Row(
                "plain rows, many a statement",
                median(each.per_second for each in plain),
                "/s",
                note=f"the product: {ratio:.2f} x the rate",
            ),
            Row("  CPU of PostgreSQL for each", median(each.postgres_cpu for each in plain) * us, "us"),
            Row(f"at {PACED} messages a second: p50", quiet.p50 * 1e3, "ms", 1.0),
            Row("  p99", quiet.p99 * 1e3, "ms", 2.0),
            Row("  of these, the commit of one plain row: p50", alone.p50 * 1e3, "ms"),
            Row("  p99", alone.p99 * 1e3, "ms"),
        ],
    )
