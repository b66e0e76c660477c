"""Masks in PostgreSQL: sessions with an operator."""

from accounts.masks.model import Begun, NewMask, TakenOff
from accounts.model import Account, AuditLine, EndedSession, SessionKind
from storage.postgres.accounts import account_in_tx, add_audit_in_tx
from storage.postgres.pool import Pool, connection, transaction
from wire.identity import Caller, DomainId, UserId

# Whoever ends the operator's login waits, and then ends the mask with it.
_HOLD_OPERATOR = """
SELECT kind, least(expires_at, absolute_expires_at) AS ends_at FROM sessions
WHERE domain_id = $1 AND session_id = $2 AND user_id = $3 AND operator_id IS NULL
    AND least(expires_at, absolute_expires_at) > $4
FOR UPDATE
"""
_END_EARLIER = "DELETE FROM sessions WHERE domain_id = $1 AND operator_session = $2 RETURNING user_id, session_id"
_BEGIN = """
INSERT INTO sessions (
    domain_id, token_hash, session_id, user_id, operator_id, operator_session, kind, user_agent, address,
    created_at, last_used_at, expires_at, absolute_expires_at
) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10, $11, $11)
"""
_OPERATOR_SESSION = """
SELECT operator_session FROM sessions WHERE domain_id = $1 AND session_id = $2 AND operator_id = $3
"""
_END = "DELETE FROM sessions WHERE domain_id = $1 AND session_id = $2 RETURNING true"
_NEW_TOKEN = "UPDATE sessions SET token_hash = $3 WHERE domain_id = $1 AND session_id = $2"  # noqa: S105 - SQL


class PostgresMaskStore:
    """See `accounts.masks.store.MaskStore`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def account(self, domain: DomainId, user: UserId) -> Account | None:
        async with connection(self._pool) as conn:
            return await account_in_tx(conn, domain, user)

    async def begin(self, mask: NewMask, audit: AuditLine) -> Begun | None:
        async with transaction(self._pool) as conn:
            held = await conn.fetchrow(
                _HOLD_OPERATOR, mask.domain, mask.operator_session, mask.operator, mask.created_at
            )
            if held is None:
                return None
            earlier = await conn.fetch(_END_EARLIER, mask.domain, mask.operator_session)
            expires_at = min(mask.expires_at, held["ends_at"])
            await conn.execute(
                _BEGIN,
                mask.domain,
                mask.token_hash,
                mask.session,
                mask.user,
                mask.operator,
                mask.operator_session,
                held["kind"],
                mask.user_agent,
                mask.address,
                mask.created_at,
                expires_at,
            )
            await add_audit_in_tx(conn, mask.domain, audit)
        ended = [EndedSession(row["user_id"], row["session_id"]) for row in earlier]
        return Begun(SessionKind(held["kind"]), expires_at, ended)

    async def end(self, caller: Caller, token_hash: bytes, audit: AuditLine) -> TakenOff | None:
        domain, operator = caller.domain, caller.operator
        if operator is None:
            return None
        async with transaction(self._pool) as conn:
            own = await conn.fetchval(_OPERATOR_SESSION, domain, caller.session, operator)
            held = await conn.fetchrow(_HOLD_OPERATOR, domain, own, operator, audit.at)
            if held is None or not await conn.fetchval(_END, domain, caller.session):
                return None
            kind = SessionKind(held["kind"])
            if kind is SessionKind.COOKIE:
                await conn.execute(_NEW_TOKEN, domain, own, token_hash)
            await add_audit_in_tx(conn, domain, audit)
        return TakenOff(kind, operator, held["ends_at"])

    async def note(self, domain: DomainId, audit: AuditLine) -> None:
        async with connection(self._pool) as conn:
            await add_audit_in_tx(conn, domain, audit)
