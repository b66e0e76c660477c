"""A conversation of 100,000 messages: what opening it, paging, going to a date and searching take on the server."""

import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from statistics import median

from bench.report import Row, Table
from bench.stage import Stage
from chat.indexing import Indexer
from chat.model import SearchFilter
from chat.searching import terms_of
from storage.postgres.chat import PostgresChatStore

MESSAGES = 100_000
GOAL = 100.0
"""Milliseconds; "well under" it."""
_TIMES = 15
_START = datetime(2020, 1, 1, tzinfo=UTC)

_FILL = """
INSERT INTO messages (domain_id, conversation_id, seq, sender, sent_at, client_id, body)
SELECT $1, $2, n, $3, $4::timestamptz + n * interval '10 minutes', 'long-' || n,
    'message ' || n || ' about topic' || n % 1000 || ' and the offer of this week'
        || CASE WHEN n % 2 = 0 THEN ' even' ELSE ' odd' END
FROM generate_series(1, $5::int) n
"""
_COUNT = "UPDATE conversations SET last_seq = $3, first_sent = $3 WHERE domain_id = $1 AND conversation_id = $2"


async def run(stage: Stage) -> Table:
    company = await stage.company(2)
    anna, ben = company.users
    store = PostgresChatStore(stage.pool)
    opened = await store.open_direct(company.domain, anna, ben)
    conversation = opened.conversation.conversation
    await stage.pool.execute(_FILL, company.domain, conversation, anna, _START, MESSAGES)
    await stage.pool.execute(_COUNT, company.domain, conversation, MESSAGES)
    indexer = Indexer(store.search)
    started = time.perf_counter()
    (scope,) = await store.search.scopes(company.domain, ben, None)
    while not await indexer.catch_up(company.domain, [scope]):
        (scope,) = await store.search.scopes(company.domain, ben, None)
    indexed = (time.perf_counter() - started) / MESSAGES
    await stage.pool.execute("VACUUM ANALYZE messages, message_words, conversations, conversation_members")
    middle = _START + MESSAGES // 3 * timedelta(minutes=10)
    domain = company.domain

    async def search(text: str) -> None:
        scopes = await store.search.scopes(domain, ben, None)
        await store.search.search(domain, scopes, terms_of(text), SearchFilter(), 20)

    asked: dict[str, Callable[[], Awaitable[object]]] = {
        "the list of conversations": lambda: store.conversations(domain, ben, None, 50),
        "opened: the newest 50": lambda: store.messages_before(domain, ben, conversation, None, 50),
        "a page back in the middle": lambda: store.messages_before(domain, ben, conversation, MESSAGES // 2, 50),
        "a page forward": lambda: store.messages_after(domain, ben, conversation, MESSAGES // 2, 50),
        "the place of a date": lambda: store.seq_at(domain, ben, conversation, middle),
        "a word in 1 message": lambda: search("4711"),
        "a word in 100 messages": lambda: search("topic7"),
        "a word in every message": lambda: search("offer"),
        "two words in 50,000": lambda: search("even offer"),
        "a phrase in every message": lambda: search('"offer of this week"'),
        "the beginning of a word": lambda: search("topic12*"),
    }
    rows = [Row(name, await _milliseconds(ask), "ms", GOAL) for name, ask in asked.items()]
    await store.close()
    return Table(
        f"A conversation of {MESSAGES:,} messages", [*rows, Row("indexing, for each message", indexed * 1e6, "us")]
    )


async def _milliseconds(ask: Callable[[], Awaitable[object]]) -> float:
    times = []
    for _ in range(_TIMES):
        started = time.perf_counter()
        await ask()
        times.append(time.perf_counter() - started)
    return median(times) * 1e3
