"""Conversations as one of their members sees them: what to read, and rows as the wire's records."""

import asyncpg

from storage.postgres.message_rows import COLUMNS, message_of
from storage.postgres.unread import UNREAD
from wire.records import Conversation, ConversationKind, History, Member, Role

# Which conversations: a member's list, or one of it.
_SEEN_BY_MEMBER = f"""
SELECT c.domain_id, c.conversation_id, c.kind, c.name, c.last_seq, c.updated_at, c.last_rev, c.group_seq, c.history,
    m.joined_seq, m.muted, m.mute_rev, {UNREAD} AS unread
FROM conversation_members m
JOIN conversations c ON c.domain_id = m.domain_id AND c.conversation_id = m.conversation_id
WHERE m.domain_id = $1 AND m.user_id = $2 AND m.left_at IS NULL
"""  # noqa: S608 - put together from constants
_DIRECT = f"{_SEEN_BY_MEMBER} AND c.direct_key = $3"
_ONE = f"{_SEEN_BY_MEMBER} AND m.conversation_id = $3"
_NEWEST = f"{_SEEN_BY_MEMBER} ORDER BY c.updated_at DESC, c.conversation_id DESC LIMIT $3"
_NEXT_NEWEST = f"""
{_SEEN_BY_MEMBER} AND (c.updated_at, c.conversation_id) < ($4, $5)
ORDER BY c.updated_at DESC, c.conversation_id DESC LIMIT $3
"""

# Everything that a client shows of them. LATERAL: two look-ups by key for each, whatever the planner expects.
_SHOWN = f"""
WITH chosen AS MATERIALIZED ({{}})
SELECT c.conversation_id, c.kind, c.name, c.last_seq, c.updated_at, c.last_rev, c.group_seq, c.history, c.joined_seq,
    c.muted, c.mute_rev, c.unread, o.users, o.read_seqs, o.delivered_seqs, o.roles, {COLUMNS.format("l")}
FROM chosen c
CROSS JOIN LATERAL (
    SELECT array_agg(m.user_id ORDER BY m.user_id) AS users, array_agg(m.read_seq ORDER BY m.user_id) AS read_seqs,
        array_agg(m.delivered_seq ORDER BY m.user_id) AS delivered_seqs, array_agg(m.role ORDER BY m.user_id) AS roles
    FROM conversation_members m
    WHERE m.domain_id = c.domain_id AND m.conversation_id = c.conversation_id AND m.left_at IS NULL
) o
LEFT JOIN LATERAL (
    SELECT m.* FROM messages m
    WHERE m.domain_id = c.domain_id AND m.conversation_id = c.conversation_id AND m.seq = c.last_seq
        AND m.seq > c.joined_seq
    OFFSET 0
) l ON true
ORDER BY c.updated_at DESC, c.conversation_id DESC
"""  # noqa: S608 - put together from constants
DIRECT_CONVERSATION = _SHOWN.format(_DIRECT)
CONVERSATION = _SHOWN.format(_ONE)
"""One conversation ($3) in a domain ($1) as its member ($2) sees it."""
_OF_ONE_ASKED = _SHOWN.format(_NEWEST).replace("$1", "asked.domain_id").replace("$2", "asked.user_id")
NEWEST_CONVERSATIONS = f"""
SELECT asked.domain_id, asked.user_id, shown.*
FROM unnest((SELECT $1::text[]), (SELECT $2::int[])) AS asked (domain_id, user_id)
CROSS JOIN LATERAL ({_OF_ONE_ASKED}) shown
ORDER BY asked.domain_id, asked.user_id, shown.updated_at DESC, shown.conversation_id DESC
"""  # noqa: S608 - put together from constants
"""The first page ($3) of the lists of several users: everybody who logs in asks for it."""
OLDER_CONVERSATIONS = _SHOWN.format(_NEXT_NEWEST)


def conversation_of(row: asyncpg.Record) -> Conversation:
    conversation = row["conversation_id"]
    members = zip(row["users"], row["read_seqs"], row["delivered_seqs"], map(Role, row["roles"]), strict=True)
    return Conversation(
        conversation=conversation,
        kind=ConversationKind(row["kind"]),
        members=[Member(*each) for each in members],
        last_seq=row["last_seq"],
        unread=row["unread"],
        name=row["name"],
        last_message=None if row["seq"] is None else message_of(conversation, row),
        updated_at=row["updated_at"],
        last_rev=row["last_rev"],
        joined_seq=row["joined_seq"],
        group_seq=row["group_seq"],
        history=History(row["history"]),
        muted=row["muted"],
        mute_rev=row["mute_rev"],
    )
