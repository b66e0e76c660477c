"""Conversations and messages in PostgreSQL. How messages are kept: message_batch.py; read marks: read_mark_batch.py;
groups: chat_groups.py; changes of messages: chat_changes.py; search: chat_search.py.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

import asyncpg

from chat.errors import ConversationNotFound, PersonNotFound
from chat.model import (
    Behind,
    Cursor,
    KeptMessage,
    Mute,
    NewMessage,
    OpenedConversation,
    Person,
    Reading,
    ReadMark,
    Stretch,
)
from storage.postgres.chat_changes import PostgresChangeStore
from storage.postgres.chat_groups import PostgresGroupStore
from storage.postgres.chat_search import PostgresSearchStore
from storage.postgres.conversation_rows import (
    CONVERSATION,
    DIRECT_CONVERSATION,
    NEWEST_CONVERSATIONS,
    OLDER_CONVERSATIONS,
    conversation_of,
)
from storage.postgres.look_ups import LookUps
from storage.postgres.message_batch import MessageBatcher
from storage.postgres.message_files import keep_with_files
from storage.postgres.message_rows import COLUMNS, message_of
from storage.postgres.pool import Pool, connection
from storage.postgres.read_mark_batch import ReadMarkBatcher
from wire.identity import ConversationId, DomainId, Scope, UserId
from wire.records import Conversation, ConversationKind, Member, Message

_PEOPLE = """
SELECT user_id, scope, site, list_in_directory FROM users
WHERE domain_id = $1 AND user_id = ANY ($2::int[]) AND deleted_at IS NULL AND NOT is_system
"""

# The domain's counter is changed here and nowhere in the way of messages. Who comes second waits for it, and then
# violates direct_key, which takes its number back.
_OPEN_DIRECT = """
WITH counter AS (
    UPDATE domains SET last_conversation_id = last_conversation_id + 1 WHERE domain_id = $1
    RETURNING last_conversation_id AS conversation_id
), opened AS (
    INSERT INTO conversations (domain_id, conversation_id, kind, direct_key, member_ids)
    SELECT $1, conversation_id, 'direct', $2, $3 FROM counter RETURNING conversation_id, updated_at
), joined AS (
    INSERT INTO conversation_members (domain_id, conversation_id, user_id)
    SELECT $1, conversation_id, unnest($3::int[]) FROM opened
)
SELECT conversation_id, updated_at FROM opened
"""

# One row without a message if there are none, no row at all for whoever is not in it.
_MESSAGES = f"""
SELECT {COLUMNS.format("o")}
FROM conversation_members m
LEFT JOIN LATERAL (
    SELECT o.* FROM messages o
    WHERE o.domain_id = m.domain_id AND o.conversation_id = m.conversation_id AND o.seq > m.joined_seq AND {{}}
    LIMIT $5
) o ON true
WHERE m.domain_id = $1 AND m.conversation_id = $2 AND m.user_id = $3 AND m.left_at IS NULL
ORDER BY {{}}
"""  # noqa: S608 - put together from constants
_MESSAGES_AFTER = _MESSAGES.format("o.seq > $4 ORDER BY o.seq", "o.seq")
_MESSAGES_BEFORE = _MESSAGES.format("o.seq < $4 ORDER BY o.seq DESC", "o.seq DESC")

# The first message at or after a moment. Times never go back within a conversation, so it is found by halving: some
# twenty look-ups by key for a million messages. What is not there (any more) counts as before every moment.
_SEQ_AT = """
WITH RECURSIVE place AS (
    SELECT m.joined_seq AS low, c.last_seq + 1 AS high
    FROM conversation_members m
    JOIN conversations c ON c.domain_id = m.domain_id AND c.conversation_id = m.conversation_id
    WHERE m.domain_id = $1 AND m.conversation_id = $2 AND m.user_id = $3 AND m.left_at IS NULL
    UNION ALL
    SELECT CASE WHEN o.sent_at >= $4 THEN p.low ELSE c.middle END,
        CASE WHEN o.sent_at >= $4 THEN c.middle ELSE p.high END
    FROM place p CROSS JOIN LATERAL (SELECT (p.low + p.high) / 2 AS middle) c LEFT JOIN LATERAL (
        SELECT o.sent_at FROM messages o WHERE o.domain_id = $1 AND o.conversation_id = $2 AND o.seq = c.middle OFFSET 0
    ) o ON true
    WHERE p.high - p.low > 1
)
SELECT high FROM place WHERE high - low <= 1
"""

_MEMBERS = """
SELECT c.member_ids FROM conversations c WHERE c.domain_id = $1 AND c.conversation_id = $2 AND $3 = ANY (c.member_ids)
"""

_MUTE = """
UPDATE conversation_members m SET muted = $4, mute_rev = m.mute_rev + (m.muted <> $4)::int
FROM (
    SELECT o.muted FROM conversation_members o
    WHERE o.domain_id = $1 AND o.conversation_id = $2 AND o.user_id = $3 AND o.left_at IS NULL FOR NO KEY UPDATE
) before
WHERE m.domain_id = $1 AND m.conversation_id = $2 AND m.user_id = $3 AND m.left_at IS NULL
RETURNING m.mute_rev, before.muted <> $4 AS moved
"""

_BEHIND = """
SELECT c.conversation_id, greatest(p.position, m.joined_seq) AS after, c.last_seq, c.last_rev
FROM unnest($3::bigint[], $4::bigint[]) AS p (conversation_id, position)
JOIN conversation_members m ON m.domain_id = $1 AND m.conversation_id = p.conversation_id AND m.user_id = $2
JOIN conversations c ON c.domain_id = m.domain_id AND c.conversation_id = m.conversation_id
WHERE m.left_at IS NULL
ORDER BY c.updated_at DESC, c.conversation_id DESC
"""

_STRETCHES = f"""
SELECT s.conversation_id, {COLUMNS.format("o")}
FROM unnest($3::bigint[], $4::bigint[], $5::bigint[]) WITH ORDINALITY AS s (conversation_id, after, upto, nth)
CROSS JOIN LATERAL (
    SELECT o.* FROM messages o
    WHERE o.domain_id = $1 AND o.conversation_id = s.conversation_id AND o.seq > s.after AND o.seq <= s.upto
        AND o.seq > (
            SELECT m.joined_seq FROM conversation_members m
            WHERE m.domain_id = $1 AND m.conversation_id = s.conversation_id AND m.user_id = $2 AND m.left_at IS NULL
        )
    OFFSET 0
) o
ORDER BY s.nth, o.seq
"""  # noqa: S608 - put together from constants

_END = 2**63 - 1

_Page = tuple[DomainId, UserId, int]
"""The first page of a list of conversations: whose, and how many."""


class PostgresChatStore:
    """See `chat.store.ChatStore`. Close it before its pool."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._messages = MessageBatcher(pool)
        self._read_marks = ReadMarkBatcher(pool)
        self._first_pages: LookUps[_Page, list[Conversation]] = LookUps(self._find_first_pages)
        self.groups = PostgresGroupStore(pool)
        self.changes = PostgresChangeStore(pool)
        self.search = PostgresSearchStore(pool)

    async def close(self) -> None:
        """Waits until nothing waits to be kept any more."""
        await self._messages.close()
        await self._read_marks.close()
        await self._first_pages.close()

    async def people(self, domain: DomainId, users: Sequence[UserId]) -> dict[UserId, Person]:
        async with connection(self._pool) as conn:
            rows = await conn.fetch(_PEOPLE, domain, list(users))
        return {
            row["user_id"]: Person(row["user_id"], Scope(row["scope"]), row["site"], row["list_in_directory"])
            for row in rows
        }

    async def find_direct(self, domain: DomainId, user: UserId, other: UserId) -> Conversation | None:
        async with connection(self._pool) as conn:
            row = await conn.fetchrow(DIRECT_CONVERSATION, domain, user, direct_key(user, other))
        return None if row is None else conversation_of(row)

    async def open_direct(self, domain: DomainId, user: UserId, other: UserId) -> OpenedConversation:
        members = sorted({user, other})
        async with connection(self._pool) as conn:
            try:
                row = await conn.fetchrow(_OPEN_DIRECT, domain, direct_key(user, other), members)
            except asyncpg.UniqueViolationError:
                found = await conn.fetchrow(DIRECT_CONVERSATION, domain, user, direct_key(user, other))
                assert found is not None
                return OpenedConversation(conversation_of(found), created=False)
            except asyncpg.ForeignKeyViolationError:
                raise PersonNotFound(other) from None
        if row is None:  # no such domain
            raise PersonNotFound(other)
        opened = Conversation(
            conversation=row["conversation_id"],
            kind=ConversationKind.DIRECT,
            members=[Member(member) for member in members],
            updated_at=row["updated_at"],
        )
        return OpenedConversation(opened, created=True)

    async def conversation(self, domain: DomainId, user: UserId, conversation: ConversationId) -> Conversation:
        async with connection(self._pool) as conn:
            row = await conn.fetchrow(CONVERSATION, domain, user, conversation)
        if row is None:
            raise ConversationNotFound(conversation)
        return conversation_of(row)

    async def members(self, domain: DomainId, user: UserId, conversation: ConversationId) -> Sequence[UserId]:
        async with connection(self._pool) as conn:
            members: Sequence[UserId] | None = await conn.fetchval(_MEMBERS, domain, conversation, user)
        if members is None:
            raise ConversationNotFound(conversation)
        return members

    async def conversations(
        self, domain: DomainId, user: UserId, before: Cursor | None, limit: int
    ) -> Sequence[Conversation]:
        if before is None:
            return await self._first_pages.get((domain, user, limit)) or []
        async with connection(self._pool) as conn:
            rows = await conn.fetch(OLDER_CONVERSATIONS, domain, user, limit, before.updated_at, before.conversation)
        return [conversation_of(row) for row in rows]

    async def _find_first_pages(self, asked: Sequence[_Page]) -> Mapping[_Page, list[Conversation]]:
        found: dict[_Page, list[Conversation]] = {}
        async with connection(self._pool) as conn:
            for limit in {limit for _, _, limit in asked}:
                of_limit = [(domain, user) for domain, user, most in asked if most == limit]
                domains, users = [domain for domain, _ in of_limit], [user for _, user in of_limit]
                for row in await conn.fetch(NEWEST_CONVERSATIONS, domains, users, limit):
                    page = found.setdefault((row["domain_id"], row["user_id"], limit), [])
                    page.append(conversation_of(row))
        return found

    async def append(self, message: NewMessage) -> KeptMessage:
        if message.files:
            return await keep_with_files(self._pool, message)
        return await self._messages.append(message)

    async def messages_after(
        self, domain: DomainId, user: UserId, conversation: ConversationId, after: int, limit: int
    ) -> Sequence[Message]:
        async with connection(self._pool) as conn:
            rows = await conn.fetch(_MESSAGES_AFTER, domain, conversation, user, after, limit)
        return list(_messages(conversation, rows))

    async def messages_before(
        self, domain: DomainId, user: UserId, conversation: ConversationId, before: int | None, limit: int
    ) -> Sequence[Message]:
        async with connection(self._pool) as conn:
            upto = _END if before is None else before
            rows = await conn.fetch(_MESSAGES_BEFORE, domain, conversation, user, upto, limit)
        return list(_messages(conversation, rows))

    async def seq_at(self, domain: DomainId, user: UserId, conversation: ConversationId, at: datetime) -> int:
        async with connection(self._pool) as conn:
            seq: int | None = await conn.fetchval(_SEQ_AT, domain, conversation, user, at)
        if seq is None:
            raise ConversationNotFound(conversation)
        return seq

    async def mark(self, reading: Reading) -> ReadMark:
        return await self._read_marks.mark(reading)

    async def mute(self, domain: DomainId, user: UserId, conversation: ConversationId, *, on: bool) -> Mute:
        async with connection(self._pool) as conn:
            row = await conn.fetchrow(_MUTE, domain, conversation, user, on)
        if row is None:
            raise ConversationNotFound(conversation)
        return Mute(on, row["mute_rev"], row["moved"])

    async def behind(self, domain: DomainId, user: UserId, positions: Mapping[ConversationId, int]) -> Sequence[Behind]:
        async with connection(self._pool) as conn:
            rows = await conn.fetch(_BEHIND, domain, user, list(positions), list(positions.values()))
        return [Behind(row["conversation_id"], row["after"], row["last_seq"], row["last_rev"]) for row in rows]

    async def stretches(self, domain: DomainId, user: UserId, stretches: Sequence[Stretch]) -> Sequence[Message]:
        async with connection(self._pool) as conn:
            rows = await conn.fetch(
                _STRETCHES,
                domain,
                user,
                [stretch.conversation for stretch in stretches],
                [stretch.after for stretch in stretches],
                [stretch.upto for stretch in stretches],
            )
        return [message_of(row["conversation_id"], row) for row in rows]


def direct_key(user: UserId, other: UserId) -> str:
    """What there is one of for each two users."""
    return f"{min(user, other)}:{max(user, other)}"


def _messages(conversation: ConversationId, rows: Sequence[asyncpg.Record]) -> Iterator[Message]:
    if not rows:
        raise ConversationNotFound(conversation)
    return (message_of(conversation, row) for row in rows if row["seq"] is not None)
