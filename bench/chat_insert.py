"""What keeping chat messages costs: `python -m bench.chat_insert [--seconds 2] [--rounds 3]`.

The product's store (numbers without gaps, members checked, kept once for ever) beside the same PostgreSQL driven by
plain inserts of the same rows, which have none of that: many rows in one statement, or one for each message. They take
turns in one run, since the machine differs more from minute to minute than they do from each other. PostgreSQL has one
processor for itself, this process the other; synchronous_commit is on.
"""

import argparse
import asyncio
import itertools
import os
import random
import shutil
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from statistics import median

import uvloop
from msgspec import Struct

from bench.machine import CLIENTS_ON, SERVERS_ON, cpu_seconds_of_family, describe
from bench.report import Row, Table, show
from chat.model import NewMessage
from storage.embedded import EmbeddedServers
from storage.micro_batch import MicroBatcher
from storage.postgres.chat import PostgresChatStore
from storage.postgres.migrate import migrate
from storage.postgres.pool import Pool, connection, open_pool
from wire.identity import ConversationId, DomainId, UserId

DOMAIN = DomainId("bench.test")
BODY = "Could you take the call with the customer from this morning?"
MICROSECONDS = 1e6

_SET_UP = """
INSERT INTO domains (domain_id, last_conversation_id) VALUES ('bench.test', 2000);
INSERT INTO users (domain_id, user_id, extension, login_name)
SELECT 'bench.test', n, n::text, n::text FROM generate_series(1, 1000) n;
INSERT INTO conversations (domain_id, conversation_id, kind, direct_key, member_ids)
SELECT 'bench.test', n, 'direct', pair.low || ':' || pair.high, ARRAY[pair.low, pair.high]
FROM generate_series(1, 2000) n, LATERAL (
    SELECT (n - 1) % 997 + 1 AS low, (n - 1) % 997 + 2 + (n - 1) / 997 AS high
) pair;
INSERT INTO conversation_members (domain_id, conversation_id, user_id)
SELECT domain_id, conversation_id, unnest(member_ids) FROM conversations WHERE domain_id = 'bench.test';
ANALYZE conversations, conversation_members;
"""

PLAIN_TABLE = "CREATE TABLE plain (LIKE messages INCLUDING ALL)"

_PLAIN_MANY = """
INSERT INTO plain (domain_id, conversation_id, seq, sender, sent_at, client_id, body)
SELECT r.domain_id, r.conversation_id, r.seq, r.sender, now(), r.client_id, r.body
FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::int[], $5::text[], $6::text[])
    AS r (domain_id, conversation_id, seq, sender, client_id, body)
RETURNING seq, sent_at
"""

_PLAIN_ONE = """
INSERT INTO plain (domain_id, conversation_id, seq, sender, sent_at, client_id, body)
VALUES ($1, $2, $3, $4, now(), $5, $6) RETURNING seq, sent_at
"""

Keep = Callable[[NewMessage], Awaitable[object]]


class Figures(Struct, frozen=True):
    """Of one variant in one round. CPU in seconds for each message, delays in seconds."""

    per_second: float
    own_cpu: float
    postgres_cpu: float
    p50: float
    p99: float


class Plain:
    """Rows numbered by a counter in this process: what only a single gateway could do, and only until it restarts."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._seq = itertools.count(1)
        self._batches: MicroBatcher[NewMessage, object] = MicroBatcher(self._insert, id)

    async def append(self, message: NewMessage) -> object:
        return await self._batches.add(message)

    async def append_alone(self, message: NewMessage) -> object:
        async with connection(self._pool) as conn:
            return await conn.fetchrow(
                _PLAIN_ONE,
                message.domain,
                message.conversation,
                next(self._seq),
                message.sender,
                message.client_id,
                message.body,
            )

    async def _insert(self, messages: Sequence[NewMessage]) -> Sequence[object]:
        async with connection(self._pool) as conn:
            return await conn.fetch(
                _PLAIN_MANY,
                [message.domain for message in messages],
                [message.conversation for message in messages],
                [next(self._seq) for _ in messages],
                [message.sender for message in messages],
                [message.client_id for message in messages],
                [message.body for message in messages],
            )


class Meter:
    """Delays and CPU between entering and leaving."""

    def __init__(self, postgres: int) -> None:
        self._postgres = postgres
        self.delays: list[float] = []

    async def timed(self, keeping: Awaitable[object]) -> None:
        start = time.perf_counter()
        await keeping
        self.delays.append(time.perf_counter() - start)

    def __enter__(self) -> "Meter":
        self._started = time.perf_counter(), time.process_time(), cpu_seconds_of_family(self._postgres)
        return self

    def __exit__(self, *_: object) -> None:
        ended = time.perf_counter(), time.process_time(), cpu_seconds_of_family(self._postgres)
        elapsed, own, postgres = (end - start for start, end in zip(self._started, ended, strict=True))
        count = len(self.delays)
        ordered = sorted(self.delays)
        self.figures = Figures(
            count / elapsed, own / count, postgres / count, ordered[count // 2], ordered[int(count * 0.99)]
        )


async def closed_loop(keep: Keep, pairs: Sequence[tuple[int, int]], senders: int, seconds: float, meter: Meter) -> None:
    """Each sender writes the next message when the last one is acknowledged."""
    end = time.perf_counter() + seconds

    async def sender() -> None:
        while time.perf_counter() < end:
            await meter.timed(keep(_some_message(pairs)))

    await asyncio.gather(*(sender() for _ in range(senders)))


async def open_loop(keep: Keep, pairs: Sequence[tuple[int, int]], rate: float, seconds: float, meter: Meter) -> None:
    """Messages come when they come, `rate` a second, however long the earlier ones take."""
    start = time.perf_counter()
    due, sending = 0.0, []
    while due < seconds:
        due += random.expovariate(rate)
        await asyncio.sleep(max(0, start + due - time.perf_counter()))
        sending.append(asyncio.create_task(meter.timed(keep(_some_message(pairs)))))
    await asyncio.gather(*sending)


def _some_message(pairs: Sequence[tuple[int, int]]) -> NewMessage:
    conversation = random.randrange(len(pairs))
    sender = pairs[conversation][random.randrange(2)]
    client_id = f"{random.getrandbits(128):032x}"
    return NewMessage(DOMAIN, ConversationId(conversation + 1), UserId(sender), client_id, BODY)


async def measure(database_url: str, postgres: int, seconds: float, rounds: int) -> list[Table]:
    async with AsyncExitStack() as keep:
        pool = await open_pool(database_url, max_size=10)
        keep.push_async_callback(pool.close)
        async with connection(pool) as conn:
            await conn.execute(_SET_UP)
            await conn.execute(PLAIN_TABLE)
            rows = await conn.fetch("SELECT member_ids FROM conversations ORDER BY conversation_id")
        pairs = [(row["member_ids"][0], row["member_ids"][1]) for row in rows]
        store, plain = PostgresChatStore(pool), Plain(pool)
        many: dict[str, Keep] = {"the product's store": store.append, "plain rows, many a statement": plain.append}
        all_of_them = many | {"plain rows, one a statement": plain.append_alone}
        tables = []
        for senders in (200, 20, 1):
            loads = {
                name: partial(closed_loop, append, pairs, senders, seconds) for name, append in all_of_them.items()
            }
            tables.append(_table(f"Closed loop, senders: {senders}", await _in_turns(loads, postgres, rounds)))
        # One a statement is left out of the second: it falls behind without end.
        for rate, variants in ((200, all_of_them), (8_000, many)):
            loads = {name: partial(open_loop, append, pairs, rate, seconds) for name, append in variants.items()}
            tables.append(_table(f"Open loop, messages a second: {rate:,}", await _in_turns(loads, postgres, rounds)))
        return tables


async def _in_turns(
    loads: Mapping[str, Callable[[Meter], Awaitable[None]]], postgres: int, rounds: int
) -> dict[str, list[Figures]]:
    figures: dict[str, list[Figures]] = {name: [] for name in loads}
    for number in range(rounds + 1):
        for name, load in loads.items():
            with Meter(postgres) as meter:
                await load(meter)
            if number:  # the first one warms up
                figures[name].append(meter.figures)
    return figures


def _table(title: str, figures: dict[str, list[Figures]]) -> Table:
    """Medians over the rounds; ratios are medians of the ratios within each round."""
    rows = []
    ours = next(iter(figures.values()))
    for name, rounds in figures.items():
        ratio = median(a.per_second / b.per_second for a, b in zip(ours, rounds, strict=True))
        cpu = median(a.postgres_cpu / b.postgres_cpu for a, b in zip(ours, rounds, strict=True))
        delay = median(a.p50 / b.p50 for a, b in zip(ours, rounds, strict=True))
        note = (
            "" if rounds is ours else f"the store: {ratio:.2f} x the rate, {cpu:.2f} x the CPU, {delay:.2f} x the p50"
        )
        rows += [
            Row(f"{name}: rate", median(each.per_second for each in rounds), "/s", note=note),
            Row("  CPU of the gateway", median(each.own_cpu for each in rounds) * MICROSECONDS, "us/message"),
            Row("  CPU of PostgreSQL", median(each.postgres_cpu for each in rounds) * MICROSECONDS, "us/message"),
            Row("  p50 to the acknowledgement", median(each.p50 for each in rounds) * 1e3, "ms"),
            Row("  p99", median(each.p99 for each in rounds) * 1e3, "ms"),
        ]
    return Table(title, rows)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.chat_insert", description=__doc__)
    parser.add_argument("--seconds", type=float, default=2.0, help="of each variant in each round")
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    print(describe())
    data = Path(tempfile.mkdtemp(prefix="presence-bench-data-"))
    data.chmod(0o711)  # the servers may run under another account
    try:
        os.sched_setaffinity(0, {SERVERS_ON})
        with EmbeddedServers.start(data) as servers:
            os.sched_setaffinity(0, {CLIENTS_ON})
            migrate(servers.database_url)
            postgres, _ = servers.pids()
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:  # as the product does
                tables = runner.run(measure(servers.database_url, postgres, given.seconds, given.rounds))
            for table in tables:
                show(table)
    finally:
        shutil.rmtree(data, ignore_errors=True)


if __name__ == "__main__":
    main()
