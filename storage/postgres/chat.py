"""Conversations and messages in PostgreSQL. How messages are kept: message_batch.py; read marks: read_mark_batch.py."""

from collections.abc import Iterator, Mapping, Sequence

import asyncpg

from chat.errors import ConversationNotFound, PersonNotFound
from chat.model import Behind, Cursor, KeptMessage, NewMessage, OpenedConversation, Person, ReadMark, Stretch
from storage.postgres.message_batch import MessageBatcher, files_in
from storage.postgres.message_files import keep_with_files
from storage.postgres.pool import Pool, connection
from storage.postgres.read_mark_batch import Reading, ReadMarkBatcher
from storage.postgres.unread import UNREAD
from wire.identity import ConversationId, DomainId, Scope, UserId
from wire.records import Conversation, ConversationKind, Member, Message

_PERSON = """
SELECT user_id, scope, site, list_in_directory FROM users
WHERE domain_id = $1 AND user_id = $2 AND deleted_at IS NULL AND NOT is_system
"""

# Which conversations: a member's list, or one of it.
_SEEN_BY_MEMBER = f"""
SELECT c.domain_id, c.conversation_id, c.kind, c.name, c.last_seq, c.updated_at, m.joined_seq, {UNREAD} AS unread
FROM conversation_members m
JOIN conversations c ON c.domain_id = m.domain_id AND c.conversation_id = m.conversation_id
WHERE m.domain_id = $1 AND m.user_id = $2 AND m.left_at IS NULL
"""  # noqa: S608 - put together from constants
_DIRECT = f"{_SEEN_BY_MEMBER} AND c.direct_key = $3"
_NEWEST = f"{_SEEN_BY_MEMBER} ORDER BY c.updated_at DESC, c.conversation_id DESC LIMIT $3"
_NEXT_NEWEST = f"""
{_SEEN_BY_MEMBER} AND (c.updated_at, c.conversation_id) < ($4, $5)
ORDER BY c.updated_at DESC, c.conversation_id DESC LIMIT $3
"""

# Everything that a client shows of them. LATERAL: two look-ups by key for each, whatever the planner expects.
_SHOWN = """
WITH chosen AS MATERIALIZED ({})
SELECT c.conversation_id, c.kind, c.name, c.last_seq, c.updated_at, c.unread, o.users, o.read_seqs, o.delivered_seqs,
    l.sender, l.sent_at, l.client_id, l.body, l.files
FROM chosen c
CROSS JOIN LATERAL (
    SELECT array_agg(m.user_id ORDER BY m.user_id) AS users, array_agg(m.read_seq ORDER BY m.user_id) AS read_seqs,
        array_agg(m.delivered_seq ORDER BY m.user_id) AS delivered_seqs
    FROM conversation_members m
    WHERE m.domain_id = c.domain_id AND m.conversation_id = c.conversation_id AND m.left_at IS NULL
) o
LEFT JOIN LATERAL (
    SELECT m.sender, m.sent_at, m.client_id, m.body, m.files FROM messages m
    WHERE m.domain_id = c.domain_id AND m.conversation_id = c.conversation_id AND m.seq = c.last_seq
        AND m.seq > c.joined_seq
    OFFSET 0
) l ON true
ORDER BY c.updated_at DESC, c.conversation_id DESC
"""
_FIND_DIRECT = _SHOWN.format(_DIRECT)
_LIST = _SHOWN.format(_NEWEST)
_LIST_ON = _SHOWN.format(_NEXT_NEWEST)

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
_MESSAGES = """
SELECT o.seq, o.sender, o.sent_at, o.client_id, o.body, o.files
FROM conversation_members m
LEFT JOIN LATERAL (
    SELECT o.* FROM messages o
    WHERE o.domain_id = m.domain_id AND o.conversation_id = m.conversation_id AND o.seq > m.joined_seq AND {}
    LIMIT $5
) o ON true
WHERE m.domain_id = $1 AND m.conversation_id = $2 AND m.user_id = $3 AND m.left_at IS NULL
ORDER BY {}
"""
_MESSAGES_AFTER = _MESSAGES.format("o.seq > $4 ORDER BY o.seq", "o.seq")
_MESSAGES_BEFORE = _MESSAGES.format("o.seq < $4 ORDER BY o.seq DESC", "o.seq DESC")

_BEHIND = """
SELECT c.conversation_id, greatest(p.position, m.joined_seq) AS after, c.last_seq
FROM unnest($3::bigint[], $4::bigint[]) AS p (conversation_id, position)
JOIN conversation_members m ON m.domain_id = $1 AND m.conversation_id = p.conversation_id AND m.user_id = $2
JOIN conversations c ON c.domain_id = m.domain_id AND c.conversation_id = m.conversation_id
WHERE m.left_at IS NULL AND c.last_seq > greatest(p.position, m.joined_seq)
ORDER BY c.updated_at DESC, c.conversation_id DESC
"""

_STRETCHES = """
SELECT s.conversation_id, o.seq, o.sender, o.sent_at, o.client_id, o.body, o.files
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
"""

_END = 2**63 - 1


class PostgresChatStore:
    """See `chat.store.ChatStore`. Close it before its pool."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._messages = MessageBatcher(pool)
        self._read_marks = ReadMarkBatcher(pool)

    async def close(self) -> None:
        """Waits until nothing waits to be kept any more."""
        await self._messages.close()
        await self._read_marks.close()

    async def person(self, domain: DomainId, user: UserId) -> Person | None:
        async with connection(self._pool) as conn:
            row = await conn.fetchrow(_PERSON, domain, user)
        if row is None:
            return None
        return Person(row["user_id"], Scope(row["scope"]), row["site"], row["list_in_directory"])

    async def find_direct(self, domain: DomainId, user: UserId, other: UserId) -> Conversation | None:
        async with connection(self._pool) as conn:
            row = await conn.fetchrow(_FIND_DIRECT, domain, user, direct_key(user, other))
        return None if row is None else _conversation(row)

    async def open_direct(self, domain: DomainId, user: UserId, other: UserId) -> OpenedConversation:
        members = sorted({user, other})
        async with connection(self._pool) as conn:
            try:
                row = await conn.fetchrow(_OPEN_DIRECT, domain, direct_key(user, other), members)
            except asyncpg.UniqueViolationError:
                found = await conn.fetchrow(_FIND_DIRECT, domain, user, direct_key(user, other))
                assert found is not None
                return OpenedConversation(_conversation(found), created=False)
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

    async def conversations(
        self, domain: DomainId, user: UserId, before: Cursor | None, limit: int
    ) -> Sequence[Conversation]:
        async with connection(self._pool) as conn:
            if before is None:
                rows = await conn.fetch(_LIST, domain, user, limit)
            else:
                rows = await conn.fetch(_LIST_ON, domain, user, limit, before.updated_at, before.conversation)
        return [_conversation(row) for row in rows]

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

    async def mark_read(self, domain: DomainId, user: UserId, conversation: ConversationId, seq: int) -> ReadMark:
        return await self._read_marks.mark(Reading(domain, conversation, user, seq))

    async def behind(self, domain: DomainId, user: UserId, positions: Mapping[ConversationId, int]) -> Sequence[Behind]:
        async with connection(self._pool) as conn:
            rows = await conn.fetch(_BEHIND, domain, user, list(positions), list(positions.values()))
        return [Behind(row["conversation_id"], row["after"], row["last_seq"]) for row in rows]

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
        return [_message(row["conversation_id"], row) for row in rows]


def direct_key(user: UserId, other: UserId) -> str:
    """What there is one of for each two users."""
    return f"{min(user, other)}:{max(user, other)}"


def _conversation(row: asyncpg.Record) -> Conversation:
    conversation, last_seq = row["conversation_id"], row["last_seq"]
    last_message = row["body"] is not None and Message(
        conversation=conversation,
        seq=last_seq,
        sender=row["sender"],
        body=row["body"],
        sent_at=row["sent_at"],
        client_id=row["client_id"],
        files=files_in(row["files"]),
    )
    return Conversation(
        conversation=conversation,
        kind=ConversationKind(row["kind"]),
        members=[Member(*each) for each in zip(row["users"], row["read_seqs"], row["delivered_seqs"], strict=True)],
        last_seq=last_seq,
        unread=row["unread"],
        name=row["name"],
        last_message=last_message or None,
        updated_at=row["updated_at"],
    )


def _messages(conversation: ConversationId, rows: Sequence[asyncpg.Record]) -> Iterator[Message]:
    if not rows:
        raise ConversationNotFound(conversation)
    return (_message(conversation, row) for row in rows if row["seq"] is not None)


def _message(conversation: ConversationId, row: asyncpg.Record) -> Message:
    return Message(
        conversation=conversation,
        seq=row["seq"],
        sender=row["sender"],
        body=row["body"],
        sent_at=row["sent_at"],
        client_id=row["client_id"],
        files=files_in(row["files"]),
    )
