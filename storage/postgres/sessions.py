"""The list of a user's logins, in PostgreSQL. Beginning and looking one up is in accounts.py."""

from collections.abc import Sequence
from datetime import datetime

from accounts.model import AuditLine, EndedSession, SessionKind
from accounts.sessions.model import OpenLogin
from storage.postgres.accounts import add_audit_in_tx
from storage.postgres.pool import Connection, Pool, connection, transaction
from wire.identity import DomainId, SessionId, UserId

_OPEN = """
SELECT session_id, kind, user_agent, address, created_at, last_used_at,
    least(expires_at, absolute_expires_at) AS ends_at
FROM sessions
WHERE domain_id = $1 AND user_id = $2 AND operator_id IS NULL AND least(expires_at, absolute_expires_at) > $3
ORDER BY last_used_at DESC, session_id
"""

# With the masks that were put on in it.
_END_OWN = """
DELETE FROM sessions
WHERE domain_id = $1 AND ((user_id = $2 AND session_id = $3 AND operator_id IS NULL)
    OR (operator_id = $2 AND operator_session = $3))
RETURNING user_id, session_id
"""

# Masks of the user, in which the user is the operator, but not those in which others act as the user.
_END_OTHERS = """
DELETE FROM sessions
WHERE domain_id = $1 AND session_id <> $3 AND ((user_id = $2 AND operator_id IS NULL) OR operator_id = $2)
RETURNING user_id, session_id
"""


class PostgresSessionStore:
    """See `accounts.sessions.store.SessionStore`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def open_logins(self, domain: DomainId, user: UserId, now: datetime) -> Sequence[OpenLogin]:
        async with connection(self._pool) as conn:
            rows = await conn.fetch(_OPEN, domain, user, now)
        return [
            OpenLogin(
                session=row["session_id"],
                kind=SessionKind(row["kind"]),
                user_agent=row["user_agent"],
                address=row["address"],
                created_at=row["created_at"],
                last_used_at=row["last_used_at"],
                ends_at=row["ends_at"],
            )
            for row in rows
        ]

    async def end_own(
        self, domain: DomainId, user: UserId, session: SessionId, audit: AuditLine
    ) -> Sequence[EndedSession]:
        async with transaction(self._pool) as conn:
            rows = await conn.fetch(_END_OWN, domain, user, session)
            if rows:
                await add_audit_in_tx(conn, domain, audit)
        return [EndedSession(row["user_id"], row["session_id"]) for row in rows]

    async def end_others(
        self, domain: DomainId, user: UserId, kept: SessionId, audit: AuditLine
    ) -> Sequence[EndedSession]:
        async with transaction(self._pool) as conn:
            ended = await end_others_in_tx(conn, domain, user, kept)
            if ended:
                await add_audit_in_tx(conn, domain, audit)
        return ended


async def end_others_in_tx(conn: Connection, domain: DomainId, user: UserId, kept: SessionId) -> Sequence[EndedSession]:
    """Whoever calls closes their connections."""
    rows = await conn.fetch(_END_OTHERS, domain, user, kept)
    return [EndedSession(row["user_id"], row["session_id"]) for row in rows]
