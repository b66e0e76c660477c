"""Who is to be told of what, in PostgreSQL.

What is due is found from the conversations that had messages within a day, so that people who have read everything,
which is nearly everybody nearly always, cost no more than a comparison of two numbers.
"""

from collections.abc import Sequence
from datetime import datetime

import asyncpg

from chat.notifying.digest import MOST_CONVERSATIONS, MOST_EXCERPTS, excerpt_of
from chat.notifying.model import DueMessages, DueUser, Excerpt, Told, Unread
from storage.postgres.message_rows import files_in
from storage.postgres.names import name_for
from storage.postgres.pool import Connection, Pool, connection, transaction
from wire.identity import ConversationId, DomainId, UserId
from words.languages import words_in

_MINUTES = "SELECT email_minutes FROM notification_settings WHERE domain_id = $1 AND user_id = $2"
_SET_MINUTES = """
INSERT INTO notification_settings (domain_id, user_id, email_minutes) VALUES ($1, $2, $3)
ON CONFLICT (domain_id, user_id) DO UPDATE SET email_minutes = $3
"""
DEFAULT_MINUTES = 10

_DOMAINS = "SELECT domain_id FROM domains ORDER BY domain_id"

# What a member was neither shown nor told of, in a conversation of which nobody has to look further back than this.
_UNTOLD = """
SELECT {0} FROM messages o
WHERE o.domain_id = c.domain_id AND o.conversation_id = c.conversation_id
    AND o.seq > greatest(m.read_seq, m.mailed_seq, m.joined_seq, c.last_seq - 500)
    AND o.sender <> m.user_id AND o.deleted_at IS NULL AND (o.details IS NULL OR NOT o.details ? 'line')
    AND (NOT m.muted OR o.details -> 'mentions' @> to_jsonb(m.user_id))
"""
_BEHIND = "m.left_at IS NULL AND c.last_seq > greatest(m.read_seq, m.mailed_seq, m.joined_seq)"

# What lies further ahead than can be was written by a clock that has been put right since.
_DUE = f"""
WITH recent AS MATERIALIZED (
    SELECT c.domain_id, c.conversation_id, c.last_seq FROM conversations c
    WHERE c.domain_id = $1 AND c.updated_at > $2::timestamptz - interval '1 day'
), waiting AS (
    SELECT m.user_id, min(o.sent_at) AS since
    FROM recent c
    JOIN conversation_members m ON m.domain_id = c.domain_id AND m.conversation_id = c.conversation_id
    CROSS JOIN LATERAL ({_UNTOLD.format("o.sent_at")} ORDER BY o.seq LIMIT 1) o
    WHERE {_BEHIND}
    GROUP BY m.user_id
)
SELECT u.user_id, e.email, d.name, coalesce(s.email_minutes, {DEFAULT_MINUTES}) AS minutes,
    coalesce(nullif(u.language, ''), d.language) AS language
FROM waiting w
JOIN users u ON u.domain_id = $1 AND u.user_id = w.user_id
JOIN domains d ON d.domain_id = $1
CROSS JOIN LATERAL (
    SELECT e.email FROM user_emails e
    WHERE e.domain_id = $1 AND e.user_id = u.user_id AND e.verified ORDER BY e.position LIMIT 1
) e
LEFT JOIN notification_settings s ON s.domain_id = $1 AND s.user_id = u.user_id
LEFT JOIN presence_settings p ON p.domain_id = $1 AND p.user_id = u.user_id
WHERE u.deleted_at IS NULL AND NOT u.disabled AND NOT u.is_system
    AND NOT coalesce(p.dnd, false) AND coalesce(s.email_minutes, {DEFAULT_MINUTES}) > 0
    AND w.since <= $2 - make_interval(mins => coalesce(s.email_minutes, {DEFAULT_MINUTES}))
    AND (s.mailed_at > $2::timestamptz - interval '1 hour' AND s.mailed_at <= $2) IS NOT TRUE
    AND (s.claimed_until > $2 AND s.claimed_until <= $2::timestamptz + interval '1 hour') IS NOT TRUE
ORDER BY w.since LIMIT $3
"""  # noqa: S608 - put together from constants

_CLAIM = """
INSERT INTO notification_settings AS s (domain_id, user_id, claimed_until) VALUES ($1, $2, $4)
ON CONFLICT (domain_id, user_id) DO UPDATE SET claimed_until = $4
    WHERE (s.claimed_until > $3 AND s.claimed_until <= $3::timestamptz + interval '1 hour') IS NOT TRUE
        AND (s.mailed_at > $3::timestamptz - interval '1 hour' AND s.mailed_at <= $3) IS NOT TRUE
RETURNING 1
"""

_ABOUT = f"""
SELECT c.conversation_id, c.kind, x.count, x.upto, CASE WHEN c.kind <> 'direct' AND c.name <> '' THEN c.name ELSE (
    SELECT string_agg({name_for("m.user_id")}, ', ')
    FROM users u WHERE u.domain_id = c.domain_id AND u.user_id = ANY (c.member_ids[1:5]) AND u.user_id <> m.user_id
) END AS title
FROM conversation_members m
JOIN conversations c ON c.domain_id = m.domain_id AND c.conversation_id = m.conversation_id
CROSS JOIN LATERAL ({_UNTOLD.format("count(*) AS count, max(o.seq) AS upto")}) x
WHERE m.domain_id = $1 AND m.user_id = $2 AND {_BEHIND} AND x.count > 0
ORDER BY c.updated_at DESC LIMIT 100
"""  # noqa: S608

_EXCERPTS = f"""
SELECT o.body, o.files, {name_for("m.user_id")} AS sender
FROM conversation_members m
JOIN conversations c ON c.domain_id = m.domain_id AND c.conversation_id = m.conversation_id
CROSS JOIN LATERAL ({_UNTOLD.format("o.*")} ORDER BY o.seq DESC LIMIT $4) o
LEFT JOIN users u ON u.domain_id = o.domain_id AND u.user_id = o.sender
WHERE m.domain_id = $1 AND m.user_id = $2 AND m.conversation_id = $3
ORDER BY o.seq
"""  # noqa: S608

_TOLD = """
UPDATE conversation_members m SET mailed_seq = greatest(m.mailed_seq, t.upto)
FROM unnest($3::bigint[], $4::bigint[]) AS t (conversation_id, upto)
WHERE m.domain_id = $1 AND m.conversation_id = t.conversation_id AND m.user_id = $2
"""
_MAILED = """
UPDATE notification_settings SET mailed_at = $3, claimed_until = NULL WHERE domain_id = $1 AND user_id = $2
"""


class PostgresNotifyingStore:
    """See `chat.notifying.store.NotifyingStore`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def email_minutes(self, domain: DomainId, user: UserId) -> int:
        async with connection(self._pool) as conn:
            minutes: int | None = await conn.fetchval(_MINUTES, domain, user)
        return DEFAULT_MINUTES if minutes is None else minutes

    async def set_email_minutes(self, domain: DomainId, user: UserId, minutes: int) -> None:
        async with connection(self._pool) as conn:
            await conn.execute(_SET_MINUTES, domain, user, minutes)

    async def domains(self) -> Sequence[DomainId]:
        async with connection(self._pool) as conn:
            return [row["domain_id"] for row in await conn.fetch(_DOMAINS)]

    async def due(self, domain: DomainId, now: datetime, limit: int) -> Sequence[DueUser]:
        async with connection(self._pool) as conn:
            rows = await conn.fetch(_DUE, domain, now, limit)
        return [
            DueUser(
                domain=domain,
                user=row["user_id"],
                email=row["email"],
                company=row["name"],
                minutes=row["minutes"],
                language=row["language"],
            )
            for row in rows
        ]

    async def claim(self, user: DueUser, now: datetime, until: datetime) -> bool:
        async with connection(self._pool) as conn:
            return await conn.fetchval(_CLAIM, user.domain, user.user, now, until) is not None

    async def untold(self, user: DueUser) -> Sequence[DueMessages]:
        async with connection(self._pool) as conn:
            rows = await conn.fetch(_ABOUT, user.domain, user.user)
            excerpts = [
                await _excerpts(conn, user, row["conversation_id"]) if at < MOST_CONVERSATIONS else []
                for at, row in enumerate(rows)
            ]
        return [DueMessages(_about(row), some) for row, some in zip(rows, excerpts, strict=True)]

    async def told(self, user: DueUser, told: Sequence[Told], now: datetime) -> None:
        numbers, upto = [each.conversation for each in told], [each.upto for each in told]
        async with transaction(self._pool) as conn:
            await conn.execute(_TOLD, user.domain, user.user, numbers, upto)
            await conn.execute(_MAILED, user.domain, user.user, now)


def _about(row: asyncpg.Record) -> Unread:
    return Unread(
        conversation=row["conversation_id"],
        title=row["title"] or "",
        is_group=row["kind"] == "group",
        unread=row["count"],
        upto=row["upto"],
    )


async def _excerpts(conn: Connection, user: DueUser, conversation: ConversationId) -> list[Excerpt]:
    rows = await conn.fetch(_EXCERPTS, user.domain, user.user, conversation, MOST_EXCERPTS)
    words = words_in(user.language)
    return [Excerpt(row["sender"], excerpt_of(row["body"], len(files_in(row["files"])), words)) for row in rows]
