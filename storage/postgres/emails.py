"""Links that confirm an e-mail address, in PostgreSQL."""

from datetime import datetime

from accounts.emails.model import Confirmation, NewConfirmation
from accounts.model import Account, AuditLine
from storage.postgres.accounts import account_in_tx, add_audit_in_tx
from storage.postgres.pool import Pool, connection, transaction
from wire.identity import DomainId, UserId

_FORGET_OLD = "DELETE FROM email_links WHERE domain_id = $1 AND user_id = $2 AND expires_at <= $3"

_KEEP = """
INSERT INTO email_links (domain_id, token_hash, user_id, email, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6)
"""

_FIND = """
SELECT l.user_id, l.email FROM email_links l JOIN user_emails e USING (domain_id, user_id, email)
WHERE l.domain_id = $1 AND l.token_hash = $2 AND l.expires_at > $3
"""

# The user's row before everything else of the user's, here and everywhere.
_NEXT_REV = """
UPDATE users SET profile_rev = profile_rev + 1 WHERE domain_id = $1 AND user_id = $2 AND deleted_at IS NULL
RETURNING true
"""
_TAKE = """
DELETE FROM email_links WHERE domain_id = $1 AND token_hash = $2 AND user_id = $3 AND email = $4 AND expires_at > $5
RETURNING true
"""
_CONFIRM = """
UPDATE user_emails SET verified = true WHERE domain_id = $1 AND user_id = $2 AND email = $3 RETURNING true
"""
_FORGET_OTHERS = "DELETE FROM email_links WHERE domain_id = $1 AND user_id = $2 AND email = $3"


class _TooLate(Exception):
    """Takes back what the transaction has done so far."""


class PostgresEmailStore:
    """See `accounts.emails.store.EmailStore`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def account(self, domain: DomainId, user: UserId) -> Account | None:
        async with connection(self._pool) as conn:
            return await account_in_tx(conn, domain, user)

    async def keep(self, new: NewConfirmation) -> None:
        async with transaction(self._pool) as conn:
            await conn.execute(_FORGET_OLD, new.domain, new.user, new.created_at)
            given = new.user, new.email, new.created_at, new.expires_at
            await conn.execute(_KEEP, new.domain, new.token_hash, *given)

    async def find(self, domain: DomainId, token_hash: bytes, now: datetime) -> Confirmation | None:
        async with connection(self._pool) as conn:
            row = await conn.fetchrow(_FIND, domain, token_hash, now)
        return None if row is None else Confirmation(row["user_id"], row["email"])

    async def confirm(self, domain: DomainId, token_hash: bytes, confirmed: Confirmation, audit: AuditLine) -> bool:
        whose = domain, confirmed.user
        try:
            async with transaction(self._pool) as conn:
                done = (
                    await conn.fetchval(_NEXT_REV, *whose)
                    and await conn.fetchval(_TAKE, domain, token_hash, confirmed.user, confirmed.email, audit.at)
                    and await conn.fetchval(_CONFIRM, *whose, confirmed.email)
                )
                if not done:
                    raise _TooLate
                await conn.execute(_FORGET_OTHERS, *whose, confirmed.email)
                await add_audit_in_tx(conn, domain, audit)
        except _TooLate:
            return False
        return True
