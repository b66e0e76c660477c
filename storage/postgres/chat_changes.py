"""Changes of messages that are there: each gets the conversation's next `rev`, without gaps, while its row is held."""

from msgspec import structs

from chat.changing import Decision
from chat.errors import ConversationNotFound, MessageNotFound
from chat.model import ChangedMessage, ChangePage, Details
from storage.postgres.chat_search import REWORD, kept_words
from storage.postgres.message_rows import COLUMNS, kept_details, message_of
from storage.postgres.pool import Connection, Pool, connection, transaction
from wire.identity import ConversationId, DomainId, UserId
from wire.records import Message

_LOCK = """
SELECT indexed_seq, clock_timestamp() AS now FROM conversations
WHERE domain_id = $1 AND conversation_id = $2 AND $3 = ANY (member_ids) FOR NO KEY UPDATE
"""

_MESSAGE = f"""
SELECT {COLUMNS.format("o")} FROM messages o
WHERE o.domain_id = $1 AND o.conversation_id = $2 AND o.seq = $4 AND o.seq > (
    SELECT m.joined_seq FROM conversation_members m
    WHERE m.domain_id = $1 AND m.conversation_id = $2 AND m.user_id = $3 AND m.left_at IS NULL
)
"""  # noqa: S608 - put together from constants

_NEXT_REV = """
UPDATE conversations SET last_rev = last_rev + 1 WHERE domain_id = $1 AND conversation_id = $2 RETURNING last_rev
"""

_CHANGE = """
UPDATE messages SET rev = $4, body = $5, edited_at = $6, deleted_at = $7, details = $8,
    files = CASE WHEN $7::timestamptz IS NULL THEN files END
WHERE domain_id = $1 AND conversation_id = $2 AND seq = $3
"""

WHO_SEES = """
SELECT coalesce(array_agg(user_id ORDER BY user_id), '{}') FROM conversation_members
WHERE domain_id = $1 AND conversation_id = $2 AND left_at IS NULL AND joined_seq < $3
"""
"""Members who see the message $3."""

# One row without a message if there are none, no row at all for whoever is not in it. All of one moment: no change up
# to last_rev is missing.
_CHANGES = f"""
SELECT c.last_rev, {COLUMNS.format("o")}
FROM conversation_members m
JOIN conversations c ON c.domain_id = m.domain_id AND c.conversation_id = m.conversation_id
LEFT JOIN LATERAL (
    SELECT o.* FROM messages o
    WHERE o.domain_id = m.domain_id AND o.conversation_id = m.conversation_id AND o.rev > $4 AND o.rev > 0
        AND o.seq > m.joined_seq
    ORDER BY o.rev LIMIT $5
) o ON true
WHERE m.domain_id = $1 AND m.conversation_id = $2 AND m.user_id = $3 AND m.left_at IS NULL
ORDER BY o.rev
"""  # noqa: S608 - put together from constants


class PostgresChangeStore:
    """See `chat.store.ChangeStore`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def change(
        self, domain: DomainId, user: UserId, conversation: ConversationId, seq: int, decide: Decision
    ) -> ChangedMessage:
        async with transaction(self._pool) as conn:
            locked = await conn.fetchrow(_LOCK, domain, conversation, user)
            if locked is None:
                raise ConversationNotFound(conversation)
            row = await conn.fetchrow(_MESSAGE, domain, conversation, user, seq)
            if row is None:
                raise MessageNotFound(seq)
            before = message_of(conversation, row)
            after = decide(before, locked["now"])
            members = await conn.fetchval(WHO_SEES, domain, conversation, seq)
            if after == before:
                return ChangedMessage(before, members, changed=False)
            rev = await conn.fetchval(_NEXT_REV, domain, conversation)
            after = structs.replace(after, rev=rev)
            await _write(conn, domain, after, is_indexed=seq <= locked["indexed_seq"])
            return ChangedMessage(after, members, changed=True)

    async def changes_after(
        self, domain: DomainId, user: UserId, conversation: ConversationId, after: int, limit: int
    ) -> ChangePage:
        async with connection(self._pool) as conn:
            rows = await conn.fetch(_CHANGES, domain, conversation, user, after, limit + 1)
        if not rows:
            raise ConversationNotFound(conversation)
        messages = [message_of(conversation, row) for row in rows if row["seq"] is not None]
        more = len(messages) > limit
        messages = messages[:limit]
        return ChangePage(messages, messages[-1].rev if more else rows[0]["last_rev"], more)


async def _write(conn: Connection, domain: DomainId, message: Message, *, is_indexed: bool) -> None:
    await conn.execute(
        _CHANGE,
        domain,
        message.conversation,
        message.seq,
        message.rev,
        message.body,
        message.edited_at,
        message.deleted_at,
        kept_details(Details.of(message)),
    )
    if is_indexed:
        words = kept_words(domain, message)
        await conn.execute(REWORD, domain, message.conversation, message.seq, message.sender, message.sent_at, words)
