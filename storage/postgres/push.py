"""Subscriptions to web push in PostgreSQL, and who is to be told of a message by them."""

from collections.abc import Sequence

import asyncpg

from chat.notifying.digest import excerpt_of
from chat.push.model import NewSubscription, Notice, Noticed, Subscription
from storage.postgres.message_rows import files_in
from storage.postgres.names import name_for
from storage.postgres.pool import Pool, connection, transaction
from wire.identity import DomainId, UserId
from words.languages import words_in

_KEY = "SELECT private_key FROM push_key"
_MAKE_KEY = "INSERT INTO push_key (private_key) VALUES ($1) ON CONFLICT DO NOTHING"

_OF_ANYBODY = "DELETE FROM push_subscriptions WHERE domain_id = $1 AND endpoint = $2"
_SUBSCRIBE = """
INSERT INTO push_subscriptions (domain_id, user_id, endpoint, public_key, secret, session_id)
VALUES ($1, $2, $3, $4, $5, $6)
"""
_FORGET_OLDEST = """
DELETE FROM push_subscriptions WHERE domain_id = $1 AND user_id = $2 AND endpoint IN (
    SELECT endpoint FROM push_subscriptions WHERE domain_id = $1 AND user_id = $2 ORDER BY created_at DESC OFFSET $3
)
"""
_UNSUBSCRIBE = "DELETE FROM push_subscriptions WHERE domain_id = $1 AND user_id = $2 AND endpoint = $3"
_SUBSCRIBERS = "SELECT DISTINCT user_id FROM push_subscriptions WHERE domain_id = $1"

# The newest of each conversation that each subscriber is to be told of.
_NOTICES = f"""
SELECT DISTINCT ON (s.user_id, s.endpoint, n.conversation_id)
    s.user_id, s.endpoint, s.public_key, s.secret, n.conversation_id, o.seq, o.body, o.files,
    CASE WHEN c.kind = 'group' THEN c.name ELSE '' END AS group_name,
    CASE WHEN c.kind = 'sms' THEN c.name ELSE '' END AS outside,
    {name_for("m.user_id")} AS sender, coalesce(nullif(r.language, ''), d.language) AS language
FROM unnest($2::bigint[], $3::bigint[]) AS n (conversation_id, seq)
JOIN conversations c ON c.domain_id = $1 AND c.conversation_id = n.conversation_id
JOIN messages o ON o.domain_id = $1 AND o.conversation_id = n.conversation_id AND o.seq = n.seq
JOIN conversation_members m ON m.domain_id = $1 AND m.conversation_id = n.conversation_id
JOIN push_subscriptions s ON s.domain_id = $1 AND s.user_id = m.user_id
JOIN users r ON r.domain_id = $1 AND r.user_id = m.user_id
JOIN domains d ON d.domain_id = $1
LEFT JOIN users u ON u.domain_id = $1 AND u.user_id = o.sender
LEFT JOIN presence_settings p ON p.domain_id = $1 AND p.user_id = m.user_id
WHERE m.left_at IS NULL AND o.sender <> m.user_id AND o.seq > greatest(m.read_seq, m.joined_seq)
    AND o.deleted_at IS NULL AND (o.details IS NULL OR NOT o.details ? 'line') AND NOT coalesce(p.dnd, false)
    AND (NOT m.muted OR o.details -> 'mentions' @> to_jsonb(m.user_id))
ORDER BY s.user_id, s.endpoint, n.conversation_id, o.seq DESC
"""  # noqa: S608 - put together from constants


class PostgresPushStore:
    """See `chat.push.store.PushStore`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def signing_key(self, made: bytes) -> bytes:
        async with connection(self._pool) as conn:
            kept: bytes | None = await conn.fetchval(_KEY)
            if kept is None:
                await conn.execute(_MAKE_KEY, made)
                kept = bytes(await conn.fetchval(_KEY))
        return kept

    async def subscribe(self, new: NewSubscription, most: int) -> None:
        given = new.subscription
        async with transaction(self._pool) as conn:
            await conn.execute(_OF_ANYBODY, given.domain, given.endpoint)
            await conn.execute(
                _SUBSCRIBE, given.domain, given.user, given.endpoint, given.public_key, given.secret, new.session
            )
            await conn.execute(_FORGET_OLDEST, given.domain, given.user, most)

    async def unsubscribe(self, domain: DomainId, user: UserId, endpoint: str) -> None:
        async with connection(self._pool) as conn:
            await conn.execute(_UNSUBSCRIBE, domain, user, endpoint)

    async def forget(self, subscription: Subscription) -> None:
        await self.unsubscribe(subscription.domain, subscription.user, subscription.endpoint)

    async def subscribers(self, domain: DomainId) -> Sequence[UserId]:
        async with connection(self._pool) as conn:
            return [row["user_id"] for row in await conn.fetch(_SUBSCRIBERS, domain)]

    async def notices(self, noticed: Sequence[Noticed]) -> Sequence[Notice]:
        if not noticed:
            return []
        domain = noticed[0].domain
        async with connection(self._pool) as conn:
            rows = await conn.fetch(
                _NOTICES, domain, [each.conversation for each in noticed], [each.seq for each in noticed]
            )
        return [_notice(domain, row) for row in rows]


def _notice(domain: DomainId, row: asyncpg.Record) -> Notice:
    words = words_in(row["language"])
    body = excerpt_of(row["body"], len(files_in(row["files"])), words)
    sender = row["sender"] or row["outside"] or words.somebody
    return Notice(
        to=Subscription(
            domain=domain,
            user=row["user_id"],
            endpoint=row["endpoint"],
            public_key=row["public_key"],
            secret=row["secret"],
        ),
        conversation=row["conversation_id"],
        seq=row["seq"],
        title=row["group_name"] or sender,
        body=f"{sender}: {body}" if row["group_name"] else body,
    )
