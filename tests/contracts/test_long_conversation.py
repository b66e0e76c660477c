"""A conversation of 100,000 messages: everything that is asked of it is found by an index.

How long it takes is measured in bench/chat_history.py. Here the statements that the store really sends are explained.
"""

import json
from collections.abc import AsyncIterator, Awaitable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from asyncpg.connection import LoggedQuery

from chat.changing import reacted
from chat.indexing import Indexer
from chat.model import Reading, SearchFilter
from chat.searching import terms_of
from storage.postgres.chat import PostgresChatStore
from storage.postgres.pool import Pool, open_pool, transaction
from tests.support.chat import make_company, message
from wire.identity import ConversationId, DomainId, UserId

MESSAGES = 100_000
FILLED_WITHIN = 120.0
START = datetime(2020, 1, 1, tzinfo=UTC)

_FILL = """
INSERT INTO messages (domain_id, conversation_id, seq, sender, sent_at, client_id, body)
SELECT $1, $2, n, $3, $4::timestamptz + n * interval '10 minutes', 'long-' || n,
    'message ' || n || ' about topic' || n % 1000 || CASE WHEN n % 2 = 0 THEN ' even' ELSE ' odd' END
FROM generate_series(1, $5::int) n
"""
_COUNT = """
UPDATE conversations SET last_seq = $3, first_sent = $3, updated_at = $4
WHERE domain_id = $1 AND conversation_id = $2
"""


@dataclass
class Long:
    """Two people's conversation of 100,000 messages, all indexed. `asked`: what was sent to the server."""

    store: PostgresChatStore
    pool: Pool
    asked: list[LoggedQuery]
    domain: DomainId
    anna: UserId
    ben: UserId
    conversation: ConversationId

    async def plans_of(self, asking: Awaitable[object]) -> tuple[Any, list[dict[str, Any]]]:
        """What it gave, and every step of the plans of its statements."""
        self.asked.clear()
        result = await asking
        steps: list[dict[str, Any]] = []
        for asked in [each for each in self.asked if not each.query.startswith(("BEGIN", "COMMIT"))]:
            (row,) = await self.pool.fetch(f"EXPLAIN (FORMAT JSON) {asked.query}", *asked.args)
            steps += _steps(json.loads(row[0])[0]["Plan"])
        assert steps
        return result, steps


def _steps(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from _steps(part)


def indexes(steps: list[dict[str, Any]]) -> set[str]:
    """By which indexes tables are read; messages and their words may not be read from end to end."""
    read_whole = {step["Relation Name"] for step in steps if step["Node Type"] == "Seq Scan"}
    assert not read_whole & {"messages", "message_words"}
    return {step["Index Name"] for step in steps if "Index Name" in step}


@pytest.fixture(scope="module")
async def long(database_url: str, pool: Pool) -> AsyncIterator[Long]:
    company, (anna, ben) = await make_company(pool, 2)
    own = await open_pool(database_url, max_size=1)
    store = PostgresChatStore(own)
    opened = await store.open_direct(company.domain, anna, ben)
    conversation = opened.conversation.conversation
    async with transaction(pool) as conn:
        await conn.execute("SET LOCAL statement_timeout = 0")  # a slow machine needs longer than a gateway would wait
        await conn.execute(_FILL, company.domain, conversation, anna, START, MESSAGES, timeout=FILLED_WITHIN)
    last = START + MESSAGES * timedelta(minutes=10)
    await pool.execute(_COUNT, company.domain, conversation, MESSAGES, last)
    (scope,) = await store.search.scopes(company.domain, ben, None)
    indexer = Indexer(store.search)
    while not await indexer.catch_up(company.domain, [scope]):
        (scope,) = await store.search.scopes(company.domain, ben, None)
    analyzed = "messages, message_words, conversations, conversation_members"
    await pool.execute(f"ANALYZE {analyzed}", timeout=FILLED_WITHIN)
    asked: list[LoggedQuery] = []
    async with own.acquire() as conn:
        conn.add_query_logger(asked.append)
    yield Long(store, own, asked, company.domain, anna, ben, conversation)
    await store.close()
    await own.close()


async def test_it_is_opened_by_keys(long: Long) -> None:
    page, steps = await long.plans_of(long.store.messages_before(long.domain, long.ben, long.conversation, None, 50))
    assert [each.seq for each in page[:2]] == [MESSAGES, MESSAGES - 1]
    assert "messages_pkey" in indexes(steps)
    listed, steps = await long.plans_of(long.store.conversations(long.domain, long.ben, None, 50))
    assert [each.unread for each in listed] == [MESSAGES]
    assert "messages_pkey" in indexes(steps)


@pytest.mark.parametrize("before", [10, 50_000, 99_000])
async def test_pages_both_ways_are_read_by_keys(long: Long, before: int) -> None:
    page, steps = await long.plans_of(long.store.messages_before(long.domain, long.ben, long.conversation, before, 50))
    assert [each.seq for each in page] == list(range(before - 1, max(before - 51, 0), -1))
    assert "messages_pkey" in indexes(steps)
    page, steps = await long.plans_of(long.store.messages_after(long.domain, long.ben, long.conversation, before, 50))
    assert [each.seq for each in page] == list(range(before + 1, before + 51))
    assert "messages_pkey" in indexes(steps)


@pytest.mark.parametrize("seq", [1, 2, 41_234, 99_999, MESSAGES])
async def test_a_moment_is_found_by_halving(long: Long, seq: int) -> None:
    at = START + seq * timedelta(minutes=10)
    found, steps = await long.plans_of(long.store.seq_at(long.domain, long.ben, long.conversation, at))
    assert found == seq
    assert "messages_pkey" in indexes(steps)
    later = await long.store.seq_at(long.domain, long.ben, long.conversation, at + timedelta(seconds=1))
    assert later == seq + 1


@pytest.mark.parametrize(
    ("text", "first"),
    [("topic7", 99_007), ("even", 100_000), ('"about topic77"', 99_077), ("topic12*", 99_129), ("4711", 4_711)],
)
async def test_words_are_found_by_their_index(long: Long, text: str, first: int) -> None:
    scopes, steps = await long.plans_of(long.store.search.scopes(long.domain, long.ben, None))
    indexes(steps)
    searching = long.store.search.search(long.domain, scopes, terms_of(text), SearchFilter(), 20)
    found, steps = await long.plans_of(searching)
    assert found[0].seq == first
    assert {"message_words_by_word", "messages_pkey"} <= indexes(steps)


async def test_marks_and_changes_are_found_by_keys(long: Long) -> None:
    _, steps = await long.plans_of(
        long.store.changes.change(
            long.domain, long.ben, long.conversation, 50_000, lambda old, _: reacted(old, long.ben, "👍", on=True)
        )
    )
    assert "messages_pkey" in indexes(steps)
    page, steps = await long.plans_of(long.store.changes.changes_after(long.domain, long.ben, long.conversation, 0, 50))
    assert [each.seq for each in page.messages] == [50_000]
    assert "messages_by_rev" in indexes(steps)
    _, steps = await long.plans_of(long.store.mark(Reading(long.domain, long.conversation, long.ben, read=99_990)))
    indexes(steps)
    _, steps = await long.plans_of(long.store.append(message(long.domain, long.conversation, long.ben)))
    indexes(steps)
