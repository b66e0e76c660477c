"""Groups in PostgreSQL: whoever changes one holds its row, as every message does, so that all is in one order.

The list of members in the conversation's row and the members' rows change together, and each change is a message that
tells of it: in the same transaction, with a number of its own.
"""

from collections.abc import Sequence

import asyncpg
from msgspec import to_builtins

from chat.errors import ClientIdTaken, ConversationNotFound, NotAGroup, PersonNotFound
from chat.groups import Decision
from chat.model import ChangedGroup, Details, Group, GroupChange, MadeGroup
from storage.postgres.conversation_rows import CONVERSATION, conversation_of
from storage.postgres.pool import Connection, Pool, connection, transaction
from wire.errors import Conflict
from wire.identity import ConversationId, DomainId, UserId
from wire.records import History, Member, Message, Role

_LOCK = """
SELECT kind, name, history, last_seq FROM conversations
WHERE domain_id = $1 AND conversation_id = $2 AND $3 = ANY (member_ids) FOR NO KEY UPDATE
"""

# Read after the lock was taken, by a statement of its own: it sees what the one before did who held it.
_ROLES = """
SELECT user_id, role FROM conversation_members
WHERE domain_id = $1 AND conversation_id = $2 AND left_at IS NULL ORDER BY joined_at, joined_seq, user_id
"""

_MAKE = """
WITH counter AS (
    UPDATE domains SET last_conversation_id = last_conversation_id + 1 WHERE domain_id = $1
    RETURNING last_conversation_id AS conversation_id
)
INSERT INTO conversations (domain_id, conversation_id, kind, member_ids)
SELECT $1, conversation_id, 'group', '{}' FROM counter RETURNING conversation_id
"""

_CHANGE = """
UPDATE conversations
SET name = $3, history = $4, member_ids = $5, last_seq = last_seq + $6, group_seq = last_seq + $6,
    updated_at = greatest(clock_timestamp(), updated_at)
WHERE domain_id = $1 AND conversation_id = $2
RETURNING last_seq, updated_at
"""

_JOIN = """
INSERT INTO conversation_members (
    domain_id, conversation_id, user_id, role, joined_seq, read_seq, delivered_seq, joined_at
)
SELECT $1, $2, joined.user_id, joined.role, $5, $6, $6, $7
FROM unnest($3::int[], $4::text[]) AS joined (user_id, role)
ON CONFLICT (domain_id, conversation_id, user_id) DO UPDATE SET
    left_at = NULL, role = EXCLUDED.role, joined_at = EXCLUDED.joined_at, joined_seq = EXCLUDED.joined_seq,
    read_seq = EXCLUDED.read_seq, delivered_seq = EXCLUDED.delivered_seq,
    sent_until_read = conversation_members.sent, muted = false, mute_rev = conversation_members.mute_rev + 1
"""

_LEAVE = """
UPDATE conversation_members SET left_at = $4
WHERE domain_id = $1 AND conversation_id = $2 AND user_id = ANY ($3::int[])
"""

_SET_ROLES = """
UPDATE conversation_members m SET role = r.role FROM unnest($3::int[], $4::text[]) AS r (user_id, role)
WHERE m.domain_id = $1 AND m.conversation_id = $2 AND m.user_id = r.user_id AND m.role <> r.role
"""

_COUNT_SENT = """
UPDATE conversation_members SET sent = sent + $4 WHERE domain_id = $1 AND conversation_id = $2 AND user_id = $3
"""

_ADD_LINES = """
INSERT INTO messages (domain_id, conversation_id, seq, sender, sent_at, client_id, body, details)
SELECT $1, $2, l.seq, $3, $4, l.client_id, '', l.details
FROM unnest($5::bigint[], $6::text[], $7::jsonb[]) AS l (seq, client_id, details)
"""

_MEMBERS = """
SELECT user_id, read_seq, delivered_seq, role FROM conversation_members
WHERE domain_id = $1 AND conversation_id = $2 AND left_at IS NULL ORDER BY user_id
"""

_MADE_BY = """
SELECT conversation_id FROM messages
WHERE domain_id = $1 AND sender = $2 AND client_id = $3 AND details -> 'line' ->> 'kind' = 'created'
"""

_GROUPS_OF = """
SELECT m.user_id, count(*) AS groups
FROM conversation_members m
JOIN conversations c ON c.domain_id = m.domain_id AND c.conversation_id = m.conversation_id
WHERE m.domain_id = $1 AND m.user_id = ANY ($2::int[]) AND m.left_at IS NULL AND c.kind = 'group'
GROUP BY m.user_id
"""


class PostgresGroupStore:
    """See `chat.store.GroupStore`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def groups_of(self, domain: DomainId, users: Sequence[UserId]) -> dict[UserId, int]:
        async with connection(self._pool) as conn:
            return {row["user_id"]: row["groups"] for row in await conn.fetch(_GROUPS_OF, domain, list(users))}

    async def make(self, domain: DomainId, creator: UserId, client_id: str, change: GroupChange) -> MadeGroup:
        try:
            async with transaction(self._pool) as conn:
                conversation = ConversationId(await conn.fetchval(_MAKE, domain))
                empty = Group("", change.group.history, {})
                await _carry_out(conn, domain, conversation, creator, empty, change, [client_id])
                made = await conn.fetchrow(CONVERSATION, domain, creator, conversation)
                assert made is not None
                return MadeGroup(conversation_of(made), created=True)
        except asyncpg.ForeignKeyViolationError:
            raise PersonNotFound(creator) from None
        except Conflict:
            return await self._made_before(domain, creator, client_id)

    async def _made_before(self, domain: DomainId, creator: UserId, client_id: str) -> MadeGroup:
        async with connection(self._pool) as conn:
            made = await conn.fetchval(_MADE_BY, domain, creator, client_id)
            found = await conn.fetchrow(CONVERSATION, domain, creator, made)
        if found is None:
            raise ClientIdTaken(client_id)
        return MadeGroup(conversation_of(found), created=False)

    async def change(
        self, domain: DomainId, user: UserId, conversation: ConversationId, decide: Decision
    ) -> ChangedGroup:
        async with transaction(self._pool) as conn:
            locked = await conn.fetchrow(_LOCK, domain, conversation, user)
            if locked is None:
                raise ConversationNotFound(conversation)
            if locked["kind"] != "group":
                raise NotAGroup
            roles = {row["user_id"]: Role(row["role"]) for row in await conn.fetch(_ROLES, domain, conversation)}
            group = Group(locked["name"], History(locked["history"]), roles)
            change = decide(group)
            if not change.lines:
                return ChangedGroup(conversation, group, members=[])
            names = [f"line/{conversation}/{locked['last_seq'] + nth}" for nth, _ in enumerate(change.lines, 1)]
            return await _carry_out(conn, domain, conversation, user, group, change, names)


async def _carry_out(
    conn: Connection,
    domain: DomainId,
    conversation: ConversationId,
    actor: UserId,
    before: Group,
    change: GroupChange,
    client_ids: Sequence[str],
) -> ChangedGroup:
    """`client_ids` of the lines: no client can make one with a slash."""
    after, count = change.group, len(change.lines)
    row = await conn.fetchrow(
        _CHANGE, domain, conversation, after.name, after.history.value, sorted(after.roles), count
    )
    assert row is not None
    base, now = row["last_seq"] - count, row["updated_at"]
    joined = [user for user in after.roles if user not in before.roles]
    left = [user for user in before.roles if user not in after.roles]
    if joined:
        # Whoever joins sees at least the line that says so, and has not read it.
        sees_after = base if after.history is History.JOINED else 0
        roles = [after.roles[user].value for user in joined]
        await conn.execute(_JOIN, domain, conversation, joined, roles, sees_after, base, now)
    if left:
        await conn.execute(_LEAVE, domain, conversation, left, now)
    changed = {user: role for user, role in after.roles.items() if before.roles.get(user, role) is not role}
    if changed:
        await conn.execute(_SET_ROLES, domain, conversation, list(changed), [role.value for role in changed.values()])
    await conn.execute(_COUNT_SENT, domain, conversation, actor, count)
    lines = [
        Message(
            conversation=conversation,
            seq=seq,
            sender=actor,
            body="",
            sent_at=now,
            client_id=client_id,
            line=line,
        )
        for seq, (client_id, line) in enumerate(zip(client_ids, change.lines, strict=True), base + 1)
    ]
    await conn.execute(
        _ADD_LINES,
        domain,
        conversation,
        actor,
        now,
        [line.seq for line in lines],
        [line.client_id for line in lines],
        [to_builtins(Details(line=line.line)) for line in lines],
    )
    members = [
        Member(row["user_id"], row["read_seq"], row["delivered_seq"], Role(row["role"]))
        for row in await conn.fetch(_MEMBERS, domain, conversation)
    ]
    return ChangedGroup(conversation, after, members, joined, left, lines)
