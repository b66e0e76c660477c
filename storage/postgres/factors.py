"""Second factors in PostgreSQL."""

from collections.abc import Sequence
from datetime import datetime

from accounts.factors.model import Factors, Totp
from accounts.model import AuditLine
from storage.postgres.accounts import add_audit_in_tx
from storage.postgres.pool import Connection, Pool, connection, transaction
from wire.errors import NotFound
from wire.identity import DomainId, SessionId, UserId

_FACTORS = """
SELECT d.second_factor_required,
    (SELECT t.confirmed_at FROM totp_authenticators t WHERE t.domain_id = d.domain_id AND t.user_id = $2) AS totp_since,
    (SELECT count(*) FROM recovery_codes r WHERE r.domain_id = d.domain_id AND r.user_id = $2) AS codes,
    (SELECT count(*) FROM passkeys p WHERE p.domain_id = d.domain_id AND p.user_id = $2) AS passkeys
FROM domains d WHERE d.domain_id = $1
"""

_TOTP = """
SELECT secret, last_step, new_secret, new_until FROM totp_authenticators WHERE domain_id = $1 AND user_id = $2
"""

_BEGIN = """
INSERT INTO totp_authenticators (domain_id, user_id, new_secret, new_until) VALUES ($1, $2, $3, $4)
ON CONFLICT (domain_id, user_id) DO UPDATE SET new_secret = excluded.new_secret, new_until = excluded.new_until
"""

_CONFIRM = """
UPDATE totp_authenticators
SET secret = new_secret, confirmed_at = $5, last_step = $4, new_secret = NULL, new_until = NULL
WHERE domain_id = $1 AND user_id = $2 AND new_secret = $3 AND new_until > $5
RETURNING user_id
"""

_USE_STEP = """
UPDATE totp_authenticators SET last_step = $4, secret = $5
WHERE domain_id = $1 AND user_id = $2 AND secret = $3 AND last_step < $4
RETURNING user_id
"""

_LOCK = """
SELECT user_id FROM totp_authenticators
WHERE domain_id = $1 AND user_id = $2 AND secret IS NOT NULL FOR UPDATE
"""

_FORGET_CODES = "DELETE FROM recovery_codes WHERE domain_id = $1 AND user_id = $2"

_ADD_CODES = "INSERT INTO recovery_codes (domain_id, user_id, code_hash) SELECT $1, $2, unnest($3::bytea[])"

_USE_CODE = """
DELETE FROM recovery_codes WHERE domain_id = $1 AND user_id = $2 AND code_hash = $3 RETURNING user_id
"""

_TURN_OFF = "DELETE FROM totp_authenticators WHERE domain_id = $1 AND user_id = $2 RETURNING secret IS NOT NULL"

_IS_REQUIRED = "SELECT second_factor_required FROM domains WHERE domain_id = $1"

_LOGGED_IN_AT = """
SELECT created_at FROM sessions
WHERE domain_id = $1 AND user_id = $2 AND session_id = $3 AND operator_id IS NULL
"""

_WITHOUT = """
SELECT count(*)::int FROM users u
WHERE u.domain_id = $1 AND u.deleted_at IS NULL AND NOT u.is_system AND NOT u.disabled AND u.scope > 0
    AND NOT EXISTS (
        SELECT FROM totp_authenticators t
        WHERE t.domain_id = $1 AND t.user_id = u.user_id AND t.secret IS NOT NULL
    )
    AND NOT EXISTS (SELECT FROM passkeys p WHERE p.domain_id = $1 AND p.user_id = u.user_id)
"""

_HOLD_REQUIRED = "SELECT second_factor_required FROM domains WHERE domain_id = $1 FOR UPDATE"

_REQUIRE = "UPDATE domains SET second_factor_required = $2 WHERE domain_id = $1"


class PostgresFactorStore:
    """See `accounts.factors.store.FactorStore`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def factors(self, domain: DomainId, user: UserId) -> Factors:
        async with connection(self._pool) as conn:
            row = await conn.fetchrow(_FACTORS, domain, user)
        if row is None:
            return Factors(totp_since=None, recovery_codes=0, required=False)
        return Factors(
            totp_since=row["totp_since"],
            recovery_codes=row["codes"],
            required=row["second_factor_required"],
            passkeys=row["passkeys"],
        )

    async def totp(self, domain: DomainId, user: UserId) -> Totp | None:
        async with connection(self._pool) as conn:
            row = await conn.fetchrow(_TOTP, domain, user)
        return None if row is None else Totp(**dict(row))

    async def begin_totp(self, domain: DomainId, user: UserId, new_secret: bytes, until: datetime) -> None:
        async with connection(self._pool) as conn:
            await conn.execute(_BEGIN, domain, user, new_secret, until)

    async def confirm_totp(
        self, domain: DomainId, user: UserId, new_secret: bytes, step: int, codes: Sequence[bytes], audit: AuditLine
    ) -> bool:
        async with transaction(self._pool) as conn:
            if await conn.fetchval(_CONFIRM, domain, user, new_secret, step, audit.at) is None:
                return False
            await _replace_codes_in_tx(conn, domain, user, codes)
            await add_audit_in_tx(conn, domain, audit)
        return True

    async def use_step(self, domain: DomainId, user: UserId, secret: bytes, step: int, resealed: bytes) -> bool:
        async with connection(self._pool) as conn:
            return await conn.fetchval(_USE_STEP, domain, user, secret, step, resealed) is not None

    async def use_recovery_code(self, domain: DomainId, user: UserId, code: bytes, audit: AuditLine) -> bool:
        async with transaction(self._pool) as conn:
            if await conn.fetchval(_USE_CODE, domain, user, code) is None:
                return False
            await add_audit_in_tx(conn, domain, audit)
        return True

    async def replace_recovery_codes(
        self, domain: DomainId, user: UserId, codes: Sequence[bytes], audit: AuditLine
    ) -> bool:
        async with transaction(self._pool) as conn:
            if await conn.fetchval(_LOCK, domain, user) is None:
                return False
            await _replace_codes_in_tx(conn, domain, user, codes)
            await add_audit_in_tx(conn, domain, audit)
        return True

    async def turn_off(self, domain: DomainId, user: UserId, audit: AuditLine) -> bool:
        async with transaction(self._pool) as conn:
            was_on = bool(await conn.fetchval(_TURN_OFF, domain, user))
            await conn.execute(_FORGET_CODES, domain, user)
            if was_on:
                await add_audit_in_tx(conn, domain, audit)
        return was_on

    async def is_required(self, domain: DomainId) -> bool:
        async with connection(self._pool) as conn:
            return bool(await conn.fetchval(_IS_REQUIRED, domain))

    async def logged_in_at(self, domain: DomainId, user: UserId, session: SessionId) -> datetime | None:
        async with connection(self._pool) as conn:
            at: datetime | None = await conn.fetchval(_LOGGED_IN_AT, domain, user, session)
        return at

    async def without(self, domain: DomainId) -> int:
        async with connection(self._pool) as conn:
            return int(await conn.fetchval(_WITHOUT, domain))

    async def require(self, domain: DomainId, required: bool, audit: AuditLine) -> bool:
        async with transaction(self._pool) as conn:
            before: bool | None = await conn.fetchval(_HOLD_REQUIRED, domain)
            if before is None:
                raise NotFound(f"There is no domain {domain}")
            if before != required:
                await conn.execute(_REQUIRE, domain, required)
                await add_audit_in_tx(conn, domain, audit)
        return before


async def _replace_codes_in_tx(conn: Connection, domain: DomainId, user: UserId, codes: Sequence[bytes]) -> None:
    await conn.execute(_FORGET_CODES, domain, user)
    await conn.execute(_ADD_CODES, domain, user, list(codes))
