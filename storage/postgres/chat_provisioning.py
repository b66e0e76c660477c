"""How conversations come into being with a past: for the demo company, and for what another system kept.

Like provisioning.py, plain functions on a connection inside a transaction.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec import Struct

from storage.postgres.chat import direct_key
from storage.postgres.pool import Connection
from wire.identity import DomainId, UserId

_HAS_CONVERSATIONS = "SELECT last_conversation_id > 0 FROM domains WHERE domain_id = $1 FOR UPDATE"

_USERS = "SELECT extension, user_id FROM users WHERE domain_id = $1 AND deleted_at IS NULL"

_ADD_DIRECT = """
WITH counter AS (
    UPDATE domains SET last_conversation_id = last_conversation_id + 1 WHERE domain_id = $1
    RETURNING last_conversation_id AS conversation_id
), added AS (
    INSERT INTO conversations (
        domain_id, conversation_id, kind, direct_key, member_ids, last_seq, first_sent, created_at, updated_at
    )
    SELECT $1, conversation_id, 'direct', $2, $3, cardinality($5::int[]),
        cardinality(array_positions($5::int[], ($3::int[])[1])), ($6::timestamptz[])[1],
        ($6::timestamptz[])[cardinality($6::timestamptz[])]
    FROM counter RETURNING conversation_id
), joined AS (
    INSERT INTO conversation_members (
        domain_id, conversation_id, user_id, read_seq, delivered_seq, sent_until_read, joined_at
    )
    SELECT $1, conversation_id, m.user_id, m.read_seq, cardinality($5::int[]),
        cardinality(array_positions(($5::int[])[: m.read_seq], m.user_id)), ($6::timestamptz[])[1]
    FROM added, unnest($3::int[], $4::int[]) AS m (user_id, read_seq)
)
INSERT INTO messages (domain_id, conversation_id, seq, sender, sent_at, client_id, body)
SELECT $1, conversation_id, m.seq, m.sender, m.sent_at, 'past-' || conversation_id || '-' || m.seq, m.body
FROM added, unnest($5::int[], $6::timestamptz[], $7::text[]) WITH ORDINALITY AS m (sender, sent_at, body, seq)
"""


class PastMessage(Struct, frozen=True):
    sender: UserId
    sent_at: datetime
    body: str


async def has_conversations_in_tx(conn: Connection, domain: DomainId) -> bool:
    """Whether there is one, or was. Until the end of the transaction nobody else can make one."""
    return bool(await conn.fetchval(_HAS_CONVERSATIONS, domain))


async def users_in_tx(conn: Connection, domain: DomainId) -> dict[str, UserId]:
    """By extension."""
    return {row["extension"]: UserId(row["user_id"]) for row in await conn.fetch(_USERS, domain)}


async def add_direct_in_tx(
    conn: Connection, domain: DomainId, messages: Sequence[PastMessage], read: Mapping[UserId, int]
) -> None:
    """The conversation of the two users in `read`, who have read up to these numbers. At least one message, by time.

    Raises `Conflict` (from the transaction) if the two have one already.
    """
    first, second = sorted(read)
    await conn.execute(
        _ADD_DIRECT,
        domain,
        direct_key(first, second),
        [first, second],
        [read[first], read[second]],
        [message.sender for message in messages],
        [message.sent_at for message in messages],
        [message.body for message in messages],
    )
