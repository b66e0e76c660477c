"""Keeps how far members have read, and what reached them: as frequent as messages, and batched like them.

A statement for many never waits for a lock: what somebody else is changing just now (a group's message batch, another
gateway's marks) is passed over, and taken again alone. So marks stand in nobody's way, and in no circle of gateways
that wait for each other.
"""

from collections.abc import Sequence

import asyncpg

from chat.errors import ConversationNotFound
from chat.model import Reading, ReadMark
from storage.micro_batch import MicroBatcher
from storage.postgres.pool import Connection, Pool, connection
from storage.postgres.unread import OWN_SENT
from wire.errors import Unavailable
from wire.identity import ConversationId, DomainId, UserId

# `seen` is what the statement saw when it began, all of one moment: the count of unread messages comes from there.
# `moved` changes the row as it is by then. How many own messages lie up to a number never changes, so both agree.
# `before` and `gone` are what was read and delivered before, `read` and `delivered` what it will be.
_MARK = f"""
WITH seen AS MATERIALIZED (
    SELECT w.nth, m.domain_id, m.conversation_id, m.user_id, c.member_ids, c.last_seq, m.sent_until_read,
        m.read_seq AS before, m.delivered_seq AS gone, {OWN_SENT} AS own_sent,
        greatest(least(w.read, c.last_seq), m.read_seq) AS read,
        greatest(least(greatest(w.delivered, w.read), c.last_seq), m.delivered_seq) AS delivered
    FROM unnest((SELECT $1::text[]), (SELECT $2::bigint[]), (SELECT $3::int[]), (SELECT $4::bigint[]),
        (SELECT $5::bigint[])) WITH ORDINALITY AS w (domain_id, conversation_id, user_id, read, delivered, nth)
    CROSS JOIN LATERAL (
        SELECT m.* FROM conversation_members m
        WHERE m.domain_id = w.domain_id AND m.conversation_id = w.conversation_id AND m.user_id = w.user_id
            AND m.left_at IS NULL
        OFFSET 0
    ) m
    CROSS JOIN LATERAL (
        SELECT c.* FROM conversations c
        WHERE c.domain_id = m.domain_id AND c.conversation_id = m.conversation_id
        OFFSET 0
    ) c
), held AS MATERIALIZED (
    SELECT s.nth FROM seen s CROSS JOIN LATERAL (
        SELECT FROM conversation_members m
        WHERE m.domain_id = s.domain_id AND m.conversation_id = s.conversation_id AND m.user_id = s.user_id
            AND (s.read > s.before OR s.delivered > s.gone)
        FOR NO KEY UPDATE {{}}
    ) m
), moved AS (
    UPDATE conversation_members m
    SET read_seq = s.read, delivered_seq = greatest(m.delivered_seq, s.delivered),
        sent_until_read = m.sent_until_read + (
            SELECT count(*) FROM messages o
            WHERE o.domain_id = m.domain_id AND o.conversation_id = m.conversation_id
                AND o.seq > m.read_seq AND o.seq <= s.read AND o.sender = m.user_id
        )
    FROM seen s JOIN held USING (nth)
    WHERE m.domain_id = s.domain_id AND m.conversation_id = s.conversation_id AND m.user_id = s.user_id
        AND m.read_seq <= s.read AND (m.read_seq < s.read OR m.delivered_seq < s.delivered) AND m.left_at IS NULL
    RETURNING nth, m.sent_until_read
)
SELECT s.nth, s.member_ids, s.read, s.delivered, s.read > s.before AND moved.nth IS NOT NULL AS read_moved,
    s.delivered > s.gone AND moved.nth IS NOT NULL AS delivered_moved,
    (s.read > s.before OR s.delivered > s.gone) AND moved.nth IS NULL AS again,
    (s.last_seq - s.read) - (s.own_sent - coalesce(moved.sent_until_read, s.sent_until_read)) AS unread
FROM seen s LEFT JOIN moved USING (nth)
"""  # noqa: S608 - put together from constants
_MARK_MANY = _MARK.format("SKIP LOCKED")
_MARK_ONE = _MARK.format("")

_ATTEMPTS = 5
"""Each fails only because the same member marked a number elsewhere in just that moment."""


Outcome = ReadMark | Exception


class ReadMarkBatcher:
    """One a gateway. Close it before its pool."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._batches: MicroBatcher[Reading, ReadMark] = MicroBatcher(self._mark, _member_of)

    async def mark(self, reading: Reading) -> ReadMark:
        """See `chat.store.ChatStore.mark_read`."""
        return await self._batches.add(reading)

    async def close(self) -> None:
        await self._batches.close()

    async def _mark(self, readings: Sequence[Reading]) -> list[Outcome]:
        async with connection(self._pool) as conn:
            if len(readings) == 1:
                return [await _mark_one(conn, readings[0])]
            outcomes: list[Outcome] = [ConversationNotFound(reading.conversation) for reading in readings]
            for row in await _run(conn, _MARK_MANY, readings):
                place = row["nth"] - 1
                outcomes[place] = await _mark_one(conn, readings[place]) if row["again"] else _mark_of(row)
            return outcomes


async def _mark_one(conn: Connection, reading: Reading) -> Outcome:
    for _ in range(_ATTEMPTS):
        rows = await _run(conn, _MARK_ONE, [reading])
        if not rows:
            return ConversationNotFound(reading.conversation)
        if not rows[0]["again"]:
            return _mark_of(rows[0])
    return Unavailable("You are reading in too many places at once; try again in a moment", retry_after=1.0)


async def _run(conn: Connection, statement: str, readings: Sequence[Reading]) -> list[asyncpg.Record]:
    return await conn.fetch(
        statement,
        [reading.domain for reading in readings],
        [reading.conversation for reading in readings],
        [reading.user for reading in readings],
        [reading.read for reading in readings],
        [reading.delivered for reading in readings],
    )


def _mark_of(row: asyncpg.Record) -> ReadMark:
    return ReadMark(
        read=row["read"],
        delivered=row["delivered"],
        unread=row["unread"],
        members=row["member_ids"],
        read_moved=row["read_moved"],
        delivered_moved=row["delivered_moved"],
    )


def _member_of(reading: Reading) -> tuple[DomainId, ConversationId, UserId]:
    return reading.domain, reading.conversation, reading.user
