"""Keeps chat messages: many senders, one statement, one commit, numbers without gaps.

A statement locks its conversations in their order before it does anything else, so two gateways never wait for each
other in a circle. What decides stands in the locked row itself: the last number, and who is a member. So whoever is
refused, numbered or told is so by the state at that moment, not by what the statement saw when it began.

Nothing is looked up beforehand. A `client_id` that was used already violates a unique key, which takes back the whole
statement with all its numbers (skipping such a row would leave a gap). Then the known ones are looked up, and the rest
is sent again.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

import asyncpg

from chat.errors import ClientIdTaken, ConversationNotFound
from chat.model import NO_DETAILS, KeptMessage, NewMessage
from storage.micro_batch import LARGEST_BATCH, LONGEST_QUEUE, MicroBatcher
from storage.postgres.message_rows import COLUMNS, kept_details, message_of
from storage.postgres.pool import Connection, Pool, connection
from wire.errors import Invalid, Refused, Unavailable
from wire.identity import ConversationId, DomainId, UserId
from wire.records import Message

# One message. As `_APPEND_MANY`, but half as expensive to start.
_APPEND_ONE = """
WITH numbered AS (
    UPDATE conversations c
    SET last_seq = c.last_seq + 1, updated_at = greatest(clock_timestamp(), c.updated_at),
        first_sent = c.first_sent + ($3 = c.member_ids[1])::int
    WHERE c.domain_id = $1 AND c.conversation_id = $2 AND $3 = ANY (c.member_ids)
    RETURNING c.conversation_id, c.last_seq, c.updated_at, c.member_ids, c.kind
), counted AS (
    UPDATE conversation_members m SET sent = m.sent + 1
    WHERE m.domain_id = $1 AND m.user_id = $3
        AND m.conversation_id = (SELECT n.conversation_id FROM numbered n WHERE n.kind <> 'direct')
)
INSERT INTO messages (domain_id, conversation_id, seq, sender, sent_at, client_id, body, details)
SELECT $1, $2, n.last_seq, $3, n.updated_at, $4, $5, $6 FROM numbered n
RETURNING seq, sent_at, (SELECT member_ids FROM numbered) AS member_ids
"""

# Conversations come in $1 and $2, sorted; each has its messages from place $3, $4 of them, in $5 (senders), $6
# (client ids), $7 (bodies) and $8 (details). LATERAL makes the locking follow the order of the input, whatever plan is
# chosen. The arrays stand in sub-selects so that their length cannot tempt the planner to plan anew for each batch.
_APPEND_MANY = """
WITH locked AS MATERIALIZED (
    SELECT w.nth, w.first, w.count, c.*
    FROM unnest((SELECT $1::text[]), (SELECT $2::bigint[]), (SELECT $3::int[]), (SELECT $4::int[]))
        WITH ORDINALITY AS w (domain_id, conversation_id, first, count, nth)
    CROSS JOIN LATERAL (
        SELECT c.domain_id, c.conversation_id, c.kind, c.member_ids, c.last_seq AS base,
            greatest(clock_timestamp(), c.updated_at) AS sent_at
        FROM conversations c
        WHERE c.domain_id = w.domain_id AND c.conversation_id = w.conversation_id
            AND ($5::int[])[w.first : w.first + w.count - 1] <@ c.member_ids
        FOR NO KEY UPDATE
    ) c
), numbered AS (
    UPDATE conversations c
    SET last_seq = l.base + l.count, updated_at = l.sent_at,
        first_sent = c.first_sent
            + cardinality(array_positions(($5::int[])[l.first : l.first + l.count - 1], c.member_ids[1]))
    FROM locked l WHERE c.domain_id = l.domain_id AND c.conversation_id = l.conversation_id
), counted AS (
    UPDATE conversation_members m SET sent = m.sent + s.count
    FROM (
        SELECT l.domain_id, l.conversation_id, ($5::int[])[place] AS sender, count(*) AS count
        FROM locked l CROSS JOIN LATERAL generate_series(l.first, l.first + l.count - 1) place
        WHERE l.kind <> 'direct' GROUP BY 1, 2, 3
    ) s
    WHERE m.domain_id = s.domain_id AND m.conversation_id = s.conversation_id AND m.user_id = s.sender
), kept AS (
    INSERT INTO messages (domain_id, conversation_id, seq, sender, sent_at, client_id, body, details)
    SELECT l.domain_id, l.conversation_id, l.base + 1 + place - l.first, ($5::int[])[place], l.sent_at,
        ($6::text[])[place], ($7::text[])[place], ($8::jsonb[])[place]
    FROM locked l CROSS JOIN LATERAL generate_series(l.first, l.first + l.count - 1) place
)
SELECT nth, base, sent_at, member_ids FROM locked
"""

# Told to those who may see it: who joined later may see only what came later.
_FIND_KEPT = f"""
SELECT k.nth, m.conversation_id, {COLUMNS.format("m")}, s.member_ids
FROM unnest($1::text[], $2::int[], $3::text[]) WITH ORDINALITY AS k (domain_id, sender, client_id, nth)
CROSS JOIN LATERAL (
    SELECT m.* FROM messages m
    WHERE m.domain_id = k.domain_id AND m.sender = k.sender AND m.client_id = k.client_id LIMIT 1
) m
CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(o.user_id ORDER BY o.user_id), '{{}}') AS member_ids FROM conversation_members o
    WHERE o.domain_id = m.domain_id AND o.conversation_id = m.conversation_id AND o.left_at IS NULL
        AND o.joined_seq < m.seq
) s
"""  # noqa: S608 - put together from constants

ATTEMPTS = 5
"""Each fails only because another gateway kept the same `client_id` in just that moment."""

_CLIENT_ID_KEY = "messages_by_client_id"
_BAD_ROWS = (
    asyncpg.DataError,
    asyncpg.IntegrityConstraintViolationError,
    asyncpg.ProgramLimitExceededError,
    UnicodeError,
)

Outcome = KeptMessage | Exception
Conversation = tuple[DomainId, ConversationId]


class MessageBatcher:
    """One a gateway. Close it before its pool."""

    def __init__(self, pool: Pool, *, largest: int = LARGEST_BATCH, longest_queue: int = LONGEST_QUEUE) -> None:
        self._pool = pool
        self._batches: MicroBatcher[NewMessage, KeptMessage] = MicroBatcher(
            self._append, _name_of, largest=largest, longest_queue=longest_queue
        )

    async def append(self, message: NewMessage) -> KeptMessage:
        """See `chat.store.ChatStore.append`."""
        return await self._batches.add(message)

    async def close(self) -> None:
        await self._batches.close()

    async def _append(self, messages: Sequence[NewMessage]) -> list[Outcome]:
        async with connection(self._pool) as conn:
            if len(messages) == 1:
                return [await _append_one(conn, messages[0])]
            return await _append_many(conn, messages)


async def _append_many(conn: Connection, messages: Sequence[NewMessage]) -> list[Outcome]:
    """What statements for many cannot settle is settled one by one, so that nobody suffers from a neighbour."""
    outcomes: dict[int, Outcome] = {}
    for _ in range(ATTEMPTS):
        waiting = [place for place in range(len(messages)) if place not in outcomes]
        rest = [messages[place] for place in waiting]
        try:
            settled: Mapping[int, Outcome] = await _number_and_keep(conn, rest) if rest else {}
        except (asyncpg.DeadlockDetectedError, *_BAD_ROWS) as error:
            if not is_race(error):
                break
            settled = await _find_kept(conn, rest)
            outcomes |= {waiting[nth]: outcome for nth, outcome in settled.items()}
        else:
            outcomes |= {waiting[nth]: outcome for nth, outcome in settled.items()}
            break
    for place, message in enumerate(messages):
        if place not in outcomes:
            outcomes[place] = await _append_one(conn, message)
    return [outcomes[place] for place in range(len(messages))]


async def _number_and_keep(conn: Connection, messages: Sequence[NewMessage]) -> dict[int, KeptMessage]:
    """By place in `messages`. A conversation to which somebody may not write is left out with all of its messages."""
    places: dict[Conversation, list[int]] = {}
    for place, message in enumerate(messages):
        places.setdefault((message.domain, message.conversation), []).append(place)
    conversations = sorted(places)
    firsts: list[int] = []
    counts: list[int] = []
    sorted_messages: list[NewMessage] = []
    for conversation in conversations:
        firsts.append(len(sorted_messages) + 1)
        counts.append(len(places[conversation]))
        sorted_messages += [messages[place] for place in places[conversation]]
    rows = await conn.fetch(
        _APPEND_MANY,
        [domain for domain, _ in conversations],
        [number for _, number in conversations],
        firsts,
        counts,
        [message.sender for message in sorted_messages],
        [message.client_id for message in sorted_messages],
        [message.body for message in sorted_messages],
        [kept_details(message.details) for message in sorted_messages],
    )
    kept = {}
    for nth, base, sent_at, members in rows:
        for seq, place in enumerate(places[conversations[nth - 1]], base + 1):
            kept[place] = KeptMessage(_message(messages[place], seq, sent_at), members)
    return kept


async def _append_one(conn: Connection, message: NewMessage) -> Outcome:
    for _ in range(ATTEMPTS):
        try:
            kept = await keep_one(conn, message)
            raced = False
        except (asyncpg.DeadlockDetectedError, *_BAD_ROWS) as error:
            if not is_race(error):
                return _cannot_be_kept(error)
            kept, raced = None, True
        if kept is not None:
            return kept
        # Also of somebody who is no member any more: what was kept stays kept.
        earlier = await find_kept(conn, message)
        if earlier is not None:
            return earlier
        if not raced:
            return ConversationNotFound(message.conversation)
    return Unavailable("Others write at the same time without end; try again in a moment", retry_after=1.0)


async def keep_one(conn: Connection, message: NewMessage) -> KeptMessage | None:
    """None if the sender is not in it. Raises what `is_race` knows if somebody was faster with the same `client_id`."""
    row = await conn.fetchrow(
        _APPEND_ONE,
        message.domain,
        message.conversation,
        message.sender,
        message.client_id,
        message.body,
        kept_details(message.details),
    )
    return None if row is None else KeptMessage(_message(message, row["seq"], row["sent_at"]), row["member_ids"])


async def find_kept(conn: Connection, message: NewMessage) -> KeptMessage | Refused | None:
    """What was kept under the `client_id` of this message."""
    return (await _find_kept(conn, [message])).get(0)


async def _find_kept(conn: Connection, messages: Sequence[NewMessage]) -> dict[int, KeptMessage | Refused]:
    """By place in `messages`, those whose `client_id` was used already."""
    rows = await conn.fetch(
        _FIND_KEPT,
        [message.domain for message in messages],
        [message.sender for message in messages],
        [message.client_id for message in messages],
    )
    return {row["nth"] - 1: _found(messages[row["nth"] - 1], row) for row in rows}


def _found(message: NewMessage, row: asyncpg.Record) -> KeptMessage | Refused:
    if row["conversation_id"] != message.conversation:
        return ClientIdTaken(message.client_id)
    return KeptMessage(message_of(message.conversation, row), row["member_ids"], duplicate=True)


def _message(message: NewMessage, seq: int, sent_at: datetime) -> Message:
    details = message.details or NO_DETAILS
    return Message(
        conversation=message.conversation,
        seq=seq,
        sender=message.sender,
        body=message.body,
        sent_at=sent_at,
        client_id=message.client_id,
        reply_to=details.reply_to,
        mentions=details.mentions,
    )


def is_race(error: Exception) -> bool:
    """A rival was faster. Nothing of the statement has happened, and the next try will see what the rival did."""
    if isinstance(error, asyncpg.UniqueViolationError):
        return error.constraint_name == _CLIENT_ID_KEY
    return isinstance(error, asyncpg.DeadlockDetectedError)


def _cannot_be_kept(error: Exception) -> Exception:
    """Services clean what they are given, so a refusal is for whoever uses the store without one."""
    if isinstance(error, asyncpg.IntegrityConstraintViolationError):
        return error  # our own fault, to be logged as one
    refused = Invalid("This text cannot be kept", field="body")
    refused.__cause__ = error
    return refused


def _name_of(message: NewMessage) -> tuple[DomainId, UserId, str]:
    return message.domain, message.sender, message.client_id
