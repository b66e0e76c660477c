"""A user's change of the own password, in PostgreSQL."""

from collections.abc import Sequence

from accounts.model import AuditLine, EndedSession
from storage.postgres.accounts import add_audit_in_tx
from storage.postgres.pool import Pool, transaction
from storage.postgres.sessions import end_others_in_tx
from wire.identity import DomainId, SessionId, UserId

_CHANGE = """
UPDATE users SET password_hash = $4
WHERE domain_id = $1 AND user_id = $2 AND password_hash = $3 AND deleted_at IS NULL AND NOT disabled
RETURNING user_id
"""

_FORGET_LINKS = "DELETE FROM password_links WHERE domain_id = $1 AND user_id = $2"


class PostgresOwnPasswordStore:
    """See `accounts.own_password.store.OwnPasswordStore`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def change(
        self, domain: DomainId, user: UserId, old: str, new: str, kept: SessionId, audit: AuditLine
    ) -> Sequence[EndedSession] | None:
        async with transaction(self._pool) as conn:
            if await conn.fetchval(_CHANGE, domain, user, old, new) is None:
                return None
            await conn.execute(_FORGET_LINKS, domain, user)
            ended = await end_others_in_tx(conn, domain, user, kept)
            await add_audit_in_tx(conn, domain, audit)
        return ended
