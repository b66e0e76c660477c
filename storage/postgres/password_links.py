"""Links that set a password, in PostgreSQL."""

from collections.abc import Sequence
from datetime import datetime

from accounts.links.model import Link, NewLink, NewSecrets
from accounts.model import AuditLine, EndedSession
from storage.postgres.accounts import add_audit_in_tx, end_sessions_in_tx
from storage.postgres.pool import Connection, Pool, connection, transaction
from wire.identity import DomainId, UserId

_FORGET_OLD = "DELETE FROM password_links WHERE domain_id = $1 AND user_id = $2 AND expires_at <= $3"

_KEEP = """
INSERT INTO password_links (domain_id, token_hash, user_id, sets_pin, email, created_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
"""

_LINK = """
SELECT user_id, sets_pin, expires_at FROM password_links WHERE domain_id = $1 AND token_hash = $2 AND expires_at > $3
"""

# The user's row before everything else of the user's: whoever sets another password waits here.
_LOCK_USER = """
SELECT user_id FROM users WHERE domain_id = $1 AND user_id = $2 AND deleted_at IS NULL AND NOT disabled FOR UPDATE
"""

_TAKE = """
DELETE FROM password_links WHERE domain_id = $1 AND token_hash = $2 AND user_id = $3 AND expires_at > $4
RETURNING email
"""

_CONFIRM = "UPDATE user_emails SET verified = true WHERE domain_id = $1 AND user_id = $2 AND email = $3"

_SET_SECRETS = """
UPDATE users SET password_hash = $3, pin_hash = coalesce($4, pin_hash) WHERE domain_id = $1 AND user_id = $2
"""

_LOCK_ANY_USER = "SELECT user_id FROM users WHERE domain_id = $1 AND user_id = $2 FOR UPDATE"

_CLEAR_PASSWORD = "UPDATE users SET password_hash = NULL WHERE domain_id = $1 AND user_id = $2"  # noqa: S105

_FORGET_ALL = "DELETE FROM password_links WHERE domain_id = $1 AND user_id = $2"


class PostgresLinkStore:
    """See `accounts.links.store.LinkStore`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def keep(self, link: NewLink, audit: AuditLine) -> None:
        async with transaction(self._pool) as conn:
            await conn.execute(_FORGET_OLD, link.domain, link.user, link.created_at)
            await _keep_in_tx(conn, link)
            await add_audit_in_tx(conn, link.domain, audit)

    async def link(self, domain: DomainId, token_hash: bytes, now: datetime) -> Link | None:
        async with connection(self._pool) as conn:
            row = await conn.fetchrow(_LINK, domain, token_hash, now)
        return None if row is None else Link(row["user_id"], row["sets_pin"], row["expires_at"])

    async def use(
        self, domain: DomainId, token_hash: bytes, user: UserId, secrets: NewSecrets, audit: AuditLine
    ) -> Sequence[EndedSession] | None:
        async with transaction(self._pool) as conn:
            if await conn.fetchval(_LOCK_USER, domain, user) is None:
                return None
            email = await conn.fetchval(_TAKE, domain, token_hash, user, audit.at)
            if email is None:
                return None
            await conn.execute(_CONFIRM, domain, user, email)
            await conn.execute(_SET_SECRETS, domain, user, secrets.password, secrets.pin)
            await conn.execute(_FORGET_ALL, domain, user)
            ended = await end_sessions_in_tx(conn, domain, user)
            await add_audit_in_tx(conn, domain, audit)
        return ended

    async def clear_password(
        self, domain: DomainId, user: UserId, link: NewLink | None, audit: AuditLine
    ) -> Sequence[EndedSession]:
        async with transaction(self._pool) as conn:
            await conn.execute(_LOCK_ANY_USER, domain, user)
            await conn.execute(_CLEAR_PASSWORD, domain, user)
            await conn.execute(_FORGET_ALL, domain, user)
            ended = await end_sessions_in_tx(conn, domain, user)
            if link:
                await _keep_in_tx(conn, link)
            await add_audit_in_tx(conn, domain, audit)
        return ended


async def _keep_in_tx(conn: Connection, link: NewLink) -> None:
    sent = link.email, link.created_at, link.expires_at
    await conn.execute(_KEEP, link.domain, link.token_hash, link.user, link.sets_pin, *sent)
