"""Retention and export in PostgreSQL.

A step deletes from the beginning of a few conversations while their rows are held, as everything does that changes what
is counted in them: what is gone was read, and came before everybody's joining.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

import asyncpg

from chat.errors import ConversationNotFound
from chat.keeping.model import About, Cut, Expired, Participant, Retention
from storage.postgres.message_rows import COLUMNS, message_of
from storage.postgres.pool import Connection, Pool, connection, transaction
from storage.postgres.unread import UNREAD
from wire.identity import ConversationId, DomainId, UserId
from wire.records import ConversationKind, Message

CONVERSATIONS_AT_ONCE = 20
MESSAGES_AT_ONCE = 200
"""Of each conversation. Together some thousand rows, a few tenths of a second."""

_RETENTIONS = """
SELECT domain_id, retention_days FROM domains WHERE retention_days IS NOT NULL AND closed_at IS NULL ORDER BY domain_id
"""

# The oldest message of each conversation decides whether to look at any others.
_OLD = """
SELECT c.conversation_id, c.member_ids, (
    SELECT max(first.seq) FROM (
        SELECT o.seq, o.sent_at FROM messages o
        WHERE o.domain_id = c.domain_id AND o.conversation_id = c.conversation_id ORDER BY o.seq LIMIT $4
    ) first WHERE first.sent_at < $2
) AS upto
FROM conversations c
WHERE c.domain_id = $1 AND (
    SELECT o.sent_at FROM messages o
    WHERE o.domain_id = c.domain_id AND o.conversation_id = c.conversation_id ORDER BY o.seq LIMIT 1
) < $2
ORDER BY c.conversation_id LIMIT $3
FOR NO KEY UPDATE OF c
"""

_BEHIND = """
SELECT m.conversation_id, m.user_id FROM conversation_members m
JOIN unnest($2::bigint[], $3::bigint[]) AS u (conversation_id, upto) ON m.conversation_id = u.conversation_id
WHERE m.domain_id = $1 AND m.left_at IS NULL AND m.read_seq < u.upto
ORDER BY m.conversation_id, m.user_id
"""
_UNREAD = f"""
SELECT m.conversation_id, m.user_id, {UNREAD} AS unread
FROM unnest($2::bigint[], $3::int[]) AS b (conversation_id, user_id)
JOIN conversation_members m ON m.domain_id = $1 AND m.conversation_id = b.conversation_id AND m.user_id = b.user_id
JOIN conversations c ON c.domain_id = m.domain_id AND c.conversation_id = m.conversation_id
"""  # noqa: S608 - put together from constants

_COUNT_AS_READ = """
UPDATE conversation_members m SET
    joined_seq = greatest(m.joined_seq, u.upto), read_seq = greatest(m.read_seq, u.upto),
    delivered_seq = greatest(m.delivered_seq, u.upto),
    sent_until_read = m.sent_until_read + (
        SELECT count(*) FROM messages o
        WHERE o.domain_id = m.domain_id AND o.conversation_id = m.conversation_id AND o.sender = m.user_id
            AND o.seq > m.read_seq AND o.seq <= u.upto
    )
FROM unnest($2::bigint[], $3::bigint[]) AS u (conversation_id, upto)
WHERE m.domain_id = $1 AND m.conversation_id = u.conversation_id
"""

_DELETE = """
DELETE FROM {0} o USING unnest($2::bigint[], $3::bigint[]) AS u (conversation_id, upto)
WHERE o.domain_id = $1 AND o.conversation_id = u.conversation_id AND o.seq <= u.upto
"""
_DELETE_MESSAGES = f"""
WITH deleted AS ({_DELETE.format("messages")} RETURNING 1) SELECT count(*) FROM deleted
"""  # noqa: S608 - put together from constants
_DELETE_WORDS = _DELETE.format("message_words")

_AUDIT = "INSERT INTO audit (domain_id, action, target, before, after) VALUES ($1, $2, $3, $4, $5)"

# Whoever is in it may see it; so may an operator, who is nobody ($3 null). Names stay known of everybody who wrote.
_ABOUT = """
SELECT c.kind, c.name, ARRAY(
    SELECT DISTINCT user_id FROM (
        SELECT unnest(c.member_ids)
        UNION ALL
        SELECT o.sender FROM messages o
        WHERE o.domain_id = c.domain_id AND o.conversation_id = c.conversation_id
            AND c.kind <> 'direct' AND o.seq > coalesce(m.joined_seq, 0)
    ) everybody (user_id) ORDER BY user_id
) AS users
FROM conversations c
LEFT JOIN conversation_members m ON m.domain_id = c.domain_id AND m.conversation_id = c.conversation_id
    AND m.user_id = $3 AND m.left_at IS NULL
WHERE c.domain_id = $1 AND c.conversation_id = $2 AND ($3::int IS NULL OR m.user_id IS NOT NULL)
"""
_PEOPLE = """
SELECT user_id, extension, concat_ws(' ', nullif(first_name, ''), nullif(last_name, '')) AS name FROM users
WHERE domain_id = $1 AND user_id = ANY ($2::int[]) ORDER BY user_id
"""

_MESSAGES = f"""
SELECT {COLUMNS.format("o")} FROM messages o
WHERE o.domain_id = $1 AND o.conversation_id = $2 AND o.seq > greatest($4, (
    SELECT CASE WHEN $3::int IS NULL THEN 0 ELSE (
        SELECT m.joined_seq FROM conversation_members m
        WHERE m.domain_id = $1 AND m.conversation_id = $2 AND m.user_id = $3 AND m.left_at IS NULL
    ) END
)) AND ($3::int IS NULL OR EXISTS (
    SELECT FROM conversation_members m
    WHERE m.domain_id = $1 AND m.conversation_id = $2 AND m.user_id = $3 AND m.left_at IS NULL
))
ORDER BY o.seq LIMIT $5
"""  # noqa: S608


class PostgresKeepingStore:
    """See `chat.keeping.store.KeepingStore`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def retentions(self) -> Sequence[Retention]:
        async with connection(self._pool) as conn:
            return [Retention(row["domain_id"], row["retention_days"]) for row in await conn.fetch(_RETENTIONS)]

    async def expire(self, domain: DomainId, before: datetime) -> Expired:
        async with transaction(self._pool) as conn:
            rows = await conn.fetch(_OLD, domain, before, CONVERSATIONS_AT_ONCE, MESSAGES_AT_ONCE)
            if not rows:
                return Expired()
            where = domain, [row["conversation_id"] for row in rows], [row["upto"] for row in rows]
            behind = await conn.fetch(_BEHIND, *where)
            await conn.execute(_COUNT_AS_READ, *where)
            messages = int(await conn.fetchval(_DELETE_MESSAGES, *where))
            await conn.execute(_DELETE_WORDS, *where)
            told = {"messages": messages, "conversations": len(rows), "sent_before": before}
            await conn.execute(_AUDIT, domain, "chat.messages_expired", f"domain:{domain}", None, told)
            return Expired(messages, _cuts(rows, await _unread(conn, domain, behind)))

    async def about(self, domain: DomainId, conversation: ConversationId, reader: UserId | None) -> About:
        async with connection(self._pool) as conn:
            row = await conn.fetchrow(_ABOUT, domain, conversation, reader)
            if row is None:
                raise ConversationNotFound(conversation)
            people = await _people(conn, domain, row["users"])
        return About(conversation, ConversationKind(row["kind"]), row["name"], people)

    async def note_export(self, domain: DomainId, conversation: ConversationId) -> None:
        async with connection(self._pool) as conn:
            await conn.execute(_AUDIT, domain, "chat.exported", f"conversation:{conversation}", None, None)

    async def messages(
        self, domain: DomainId, conversation: ConversationId, reader: UserId | None, after: int, limit: int
    ) -> Sequence[Message]:
        async with connection(self._pool) as conn:
            rows = await conn.fetch(_MESSAGES, domain, conversation, reader, after, limit)
        return [message_of(conversation, row) for row in rows]


async def _unread(
    conn: Connection, domain: DomainId, members: Sequence[asyncpg.Record]
) -> dict[ConversationId, dict[UserId, int]]:
    conversations, users = [row["conversation_id"] for row in members], [row["user_id"] for row in members]
    found: dict[ConversationId, dict[UserId, int]] = {}
    for row in await conn.fetch(_UNREAD, domain, conversations, users) if members else ():
        found.setdefault(row["conversation_id"], {})[row["user_id"]] = row["unread"]
    return found


def _cuts(rows: Sequence[asyncpg.Record], unread: Mapping[ConversationId, dict[UserId, int]]) -> list[Cut]:
    return [
        Cut(row["conversation_id"], row["upto"], row["member_ids"], unread.get(row["conversation_id"], {}))
        for row in rows
    ]


async def _people(conn: Connection, domain: DomainId, users: Sequence[UserId]) -> list[Participant]:
    rows = await conn.fetch(_PEOPLE, domain, users)
    return [Participant(row["user_id"], row["extension"] if row["name"] else "", row["name"]) for row in rows]
