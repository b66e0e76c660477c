"""Conversations with outside numbers in PostgreSQL.

In the list of a conversation's members stands 0 for whoever is outside, so that what comes in is kept, numbered and
counted as every message; a row of `conversation_members` has only a user.
"""

from collections.abc import Sequence
from datetime import datetime

from chat.sms.model import OUTSIDE, Exchange, Opened
from storage.postgres.message_rows import COLUMNS, message_of
from storage.postgres.pool import Connection, Pool, connection, transaction
from wire.errors import Conflict, NotFound
from wire.http import SmsNumber
from wire.identity import ConversationId, DomainId, Extension, UserId
from wire.records import Message

_COUNTRY = "SELECT country FROM domains WHERE domain_id = $1"
_DOMAINS = "SELECT DISTINCT domain_id FROM sms_numbers"
_NUMBERS_OF = """
SELECT n.number, n.label FROM sms_number_users u JOIN sms_numbers n USING (domain_id, number)
WHERE u.domain_id = $1 AND u.user_id = $2 ORDER BY n.number
"""
_DOMAIN_OF = "SELECT domain_id FROM sms_numbers WHERE number = $1"
_USERS_OF = "SELECT user_id FROM sms_number_users WHERE domain_id = $1 AND number = $2 ORDER BY user_id"

_FIND = """
SELECT c.conversation_id, c.member_ids FROM sms_conversations s
JOIN conversations c USING (domain_id, conversation_id)
WHERE s.domain_id = $1 AND s.number = $2 AND s.outside = $3
"""
_OPEN = """
WITH counter AS (
    UPDATE domains SET last_conversation_id = last_conversation_id + 1 WHERE domain_id = $1
    RETURNING last_conversation_id AS conversation_id
), opened AS (
    INSERT INTO conversations (domain_id, conversation_id, kind, name, member_ids)
    SELECT $1, conversation_id, 'sms', $3, $4 FROM counter RETURNING conversation_id
), exchange AS (
    INSERT INTO sms_conversations (domain_id, conversation_id, number, outside)
    SELECT $1, conversation_id, $2, $3 FROM opened
), joined AS (
    INSERT INTO conversation_members (domain_id, conversation_id, user_id)
    SELECT $1, conversation_id, unnest($5::int[]) FROM opened
)
SELECT conversation_id FROM opened
"""
_HOLD_NUMBER = "SELECT number FROM sms_numbers WHERE domain_id = $1 AND number = $2 FOR UPDATE"

_SET_STOPPED = """
UPDATE sms_conversations SET stopped = $3
WHERE domain_id = $1 AND conversation_id = $2 AND stopped <> $3 RETURNING 1
"""
_IS_EXCHANGE = "SELECT 1 FROM sms_conversations WHERE domain_id = $1 AND conversation_id = $2"

# What lies further ahead than a claim reaches was written by a clock that has been put right since.
_WAITING = """
SELECT s.domain_id, s.conversation_id FROM sms_conversations s
JOIN conversations c USING (domain_id, conversation_id)
WHERE c.last_seq > s.sent_upto
    AND (s.claimed_until > $1 AND s.claimed_until <= $1::timestamptz + interval '1 hour') IS NOT TRUE
ORDER BY s.domain_id, s.conversation_id LIMIT $2
"""
_CLAIM = """
UPDATE sms_conversations SET claimed_until = $4
WHERE domain_id = $1 AND conversation_id = $2
    AND (claimed_until > $3 AND claimed_until <= $3::timestamptz + interval '1 hour') IS NOT TRUE
RETURNING number, outside, stopped, sent_upto
"""
_UNSENT = f"""
SELECT {COLUMNS.format("o")} FROM messages o
WHERE o.domain_id = $1 AND o.conversation_id = $2 AND o.seq > $3 ORDER BY o.seq LIMIT $4
"""  # noqa: S608 - put together from constants
_SENT_UPTO = """
UPDATE sms_conversations SET sent_upto = greatest(sent_upto, $3) WHERE domain_id = $1 AND conversation_id = $2
"""
_RELEASE = "UPDATE sms_conversations SET claimed_until = $3 WHERE domain_id = $1 AND conversation_id = $2"

_ADD_NUMBER = "INSERT INTO sms_numbers (domain_id, number, label) VALUES ($1, $2, $3)"
_REMOVE_USERS = "DELETE FROM sms_number_users WHERE domain_id = $1 AND number = $2"
_ADD_USERS = """
INSERT INTO sms_number_users (domain_id, number, user_id)
SELECT $1, $2, user_id FROM users
WHERE domain_id = $1 AND extension = ANY ($3::text[]) AND deleted_at IS NULL AND NOT is_system RETURNING user_id
"""
_LABEL = "UPDATE sms_numbers SET label = $3 WHERE domain_id = $1 AND number = $2"
_LIST = """
SELECT n.domain_id, n.number, n.label, array_remove(array_agg(u.extension ORDER BY u.extension), NULL) AS extensions
FROM sms_numbers n LEFT JOIN sms_number_users s USING (domain_id, number)
LEFT JOIN users u ON u.domain_id = n.domain_id AND u.user_id = s.user_id
GROUP BY n.domain_id, n.number, n.label ORDER BY n.domain_id, n.number
"""

# Whoever shares a number is in all of its conversations, from their beginning; whoever does no more is in none.
_EXCHANGES_OF = """
SELECT c.conversation_id FROM sms_conversations s JOIN conversations c USING (domain_id, conversation_id)
WHERE s.domain_id = $1 AND s.number = $2 ORDER BY c.conversation_id FOR NO KEY UPDATE OF c
"""
_SET_LIST = "UPDATE conversations SET member_ids = $3 WHERE domain_id = $1 AND conversation_id = $2"
_LEAVE = """
UPDATE conversation_members SET left_at = now()
WHERE domain_id = $1 AND conversation_id = $2 AND left_at IS NULL AND user_id <> ALL ($3::int[])
"""
_JOIN = """
INSERT INTO conversation_members (domain_id, conversation_id, user_id, read_seq, delivered_seq)
SELECT c.domain_id, c.conversation_id, u.user_id, c.last_seq, c.last_seq
FROM conversations c, unnest($3::int[]) AS u (user_id) WHERE c.domain_id = $1 AND c.conversation_id = $2
ON CONFLICT (domain_id, conversation_id, user_id) DO UPDATE SET left_at = NULL
"""


class PostgresSmsStore:
    """See `chat.sms.store.SmsStore`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def country(self, domain: DomainId) -> str:
        async with connection(self._pool) as conn:
            return str(await conn.fetchval(_COUNTRY, domain) or "")

    async def domains(self) -> Sequence[DomainId]:
        async with connection(self._pool) as conn:
            return [row["domain_id"] for row in await conn.fetch(_DOMAINS)]

    async def numbers_of(self, domain: DomainId, user: UserId) -> Sequence[SmsNumber]:
        async with connection(self._pool) as conn:
            rows = await conn.fetch(_NUMBERS_OF, domain, user)
        return [SmsNumber(number=row["number"], label=row["label"]) for row in rows]

    async def domain_of(self, number: str) -> DomainId | None:
        async with connection(self._pool) as conn:
            domain: DomainId | None = await conn.fetchval(_DOMAIN_OF, number)
        return domain

    async def open(self, domain: DomainId, number: str, outside: str) -> Opened | None:
        async with transaction(self._pool) as conn:
            row = await conn.fetchrow(_FIND, domain, number, outside)
            if row is None:
                # Whoever else makes it waits here, and finds it afterwards.
                if await conn.fetchval(_HOLD_NUMBER, domain, number) is None:
                    return None
                row = await conn.fetchrow(_FIND, domain, number, outside)
            if row is not None:
                return Opened(row["conversation_id"], _users(row["member_ids"]), created=False)
            users = [each["user_id"] for each in await conn.fetch(_USERS_OF, domain, number)]
            if not users:
                return None
            opened = await conn.fetchval(_OPEN, domain, number, outside, [OUTSIDE, *users], users)
            return Opened(opened, users, created=True)

    async def set_stopped(self, domain: DomainId, conversation: ConversationId, *, stopped: bool) -> bool:
        async with connection(self._pool) as conn:
            return await conn.fetchval(_SET_STOPPED, domain, conversation, stopped) is not None

    async def is_exchange(self, domain: DomainId, conversation: ConversationId) -> bool:
        async with connection(self._pool) as conn:
            return await conn.fetchval(_IS_EXCHANGE, domain, conversation) is not None

    async def waiting(self, now: datetime, limit: int) -> Sequence[tuple[DomainId, ConversationId]]:
        async with connection(self._pool) as conn:
            rows = await conn.fetch(_WAITING, now, limit)
        return [(row["domain_id"], row["conversation_id"]) for row in rows]

    async def claim(
        self, domain: DomainId, conversation: ConversationId, now: datetime, until: datetime
    ) -> Exchange | None:
        async with connection(self._pool) as conn:
            row = await conn.fetchrow(_CLAIM, domain, conversation, now, until)
        if row is None:
            return None
        return Exchange(
            domain=domain,
            conversation=conversation,
            number=row["number"],
            outside=row["outside"],
            is_stopped=row["stopped"],
            after=row["sent_upto"],
        )

    async def unsent(self, exchange: Exchange, limit: int) -> Sequence[Message]:
        async with connection(self._pool) as conn:
            rows = await conn.fetch(_UNSENT, exchange.domain, exchange.conversation, exchange.after, limit)
        return [message_of(exchange.conversation, row) for row in rows]

    async def sent_upto(self, exchange: Exchange, seq: int) -> None:
        async with connection(self._pool) as conn:
            await conn.execute(_SENT_UPTO, exchange.domain, exchange.conversation, seq)

    async def release(self, exchange: Exchange, until: datetime | None) -> None:
        async with connection(self._pool) as conn:
            await conn.execute(_RELEASE, exchange.domain, exchange.conversation, until)

    # ------------------------------------------------------------ for the command line

    async def add_number(self, domain: DomainId, number: str, extensions: Sequence[Extension], label: str) -> None:
        """Raises `Conflict` if the number is taken, by whichever domain; `NotFound` for users who are not there."""
        async with transaction(self._pool) as conn:
            if await conn.fetchval(_DOMAIN_OF, number) is not None:
                raise Conflict(f"{number} is taken already")
            if await conn.fetchval(_COUNTRY, domain) is None:
                raise NotFound(f"There is no domain {domain}")
            await conn.execute(_ADD_NUMBER, domain, number, label)
            await _share(conn, domain, number, extensions)

    async def share_number(self, domain: DomainId, number: str, extensions: Sequence[Extension]) -> None:
        """From now on it belongs to these users and nobody else, with all of its conversations. Raises `NotFound`."""
        async with transaction(self._pool) as conn:
            if await conn.fetchval(_HOLD_NUMBER, domain, number) is None:
                raise NotFound(f"There is no number {number} in {domain}")
            await _share(conn, domain, number, extensions)

    async def list_numbers(self) -> list[tuple[DomainId, str, str, list[str]]]:
        async with connection(self._pool) as conn:
            rows = await conn.fetch(_LIST)
        return [(row["domain_id"], row["number"], row["label"], row["extensions"]) for row in rows]


async def _share(conn: Connection, domain: DomainId, number: str, extensions: Sequence[Extension]) -> None:
    await conn.execute(_REMOVE_USERS, domain, number)
    users = sorted(row["user_id"] for row in await conn.fetch(_ADD_USERS, domain, number, list(extensions)))
    if len(users) != len(set(extensions)):
        raise NotFound(f"Not all of these users are in {domain}")
    for row in await conn.fetch(_EXCHANGES_OF, domain, number):
        where = domain, row["conversation_id"]
        await conn.execute(_SET_LIST, *where, [OUTSIDE, *users])
        await conn.execute(_LEAVE, *where, users)
        await conn.execute(_JOIN, *where, users)


def _users(members: Sequence[UserId]) -> list[UserId]:
    return [member for member in members if member != OUTSIDE]
