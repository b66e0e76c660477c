"""Passkeys in PostgreSQL."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg

from accounts.model import AuditLine
from accounts.passkeys.errors import PasskeyKnown, TooManyPasskeys
from accounts.passkeys.model import Passkey, PasskeyId
from storage.postgres.accounts import add_audit_in_tx
from storage.postgres.pool import Pool, connection, transaction
from wire.identity import DomainId, UserId

_COLUMNS = """
SELECT passkey_id, domain_id, user_id, credential_id, public_key, uses, name, created_at, last_used_at FROM passkeys
"""
_OF_USER = f"{_COLUMNS} WHERE domain_id = $1 AND user_id = $2 ORDER BY created_at, passkey_id"
_ONE = f"{_COLUMNS} WHERE domain_id = $1 AND credential_id = $2"

# Whoever counts waits here, so that two at the same time do not both find room.
_HOLD_USER = "SELECT user_id FROM users WHERE domain_id = $1 AND user_id = $2 FOR NO KEY UPDATE"

_COUNT = "SELECT count(*) FROM passkeys WHERE domain_id = $1 AND user_id = $2"

_ADD = """
INSERT INTO passkeys (domain_id, credential_id, passkey_id, user_id, public_key, uses, name, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (domain_id, credential_id) DO NOTHING RETURNING passkey_id
"""

_REMOVE = "DELETE FROM passkeys WHERE domain_id = $1 AND user_id = $2 AND passkey_id = $3 RETURNING passkey_id"

_MARK_USED = """
UPDATE passkeys SET uses = $4, last_used_at = $5
WHERE domain_id = $1 AND credential_id = $2 AND uses = $3 RETURNING passkey_id
"""


class PostgresPasskeyStore:
    """See `accounts.passkeys.store.PasskeyStore`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def passkeys(self, domain: DomainId, user: UserId) -> Sequence[Passkey]:
        async with connection(self._pool) as conn:
            return [_passkey(row) for row in await conn.fetch(_OF_USER, domain, user)]

    async def passkey(self, domain: DomainId, credential: bytes) -> Passkey | None:
        async with connection(self._pool) as conn:
            row = await conn.fetchrow(_ONE, domain, credential)
        return None if row is None else _passkey(row)

    async def add(self, passkey: Passkey, most: int, audit: AuditLine) -> None:
        async with transaction(self._pool) as conn:
            await conn.execute(_HOLD_USER, passkey.domain, passkey.user)
            if int(await conn.fetchval(_COUNT, passkey.domain, passkey.user)) >= most:
                raise TooManyPasskeys(most)
            added = await conn.fetchval(
                _ADD,
                passkey.domain,
                passkey.credential,
                passkey.passkey,
                passkey.user,
                passkey.public_key,
                passkey.uses,
                passkey.name,
                passkey.created_at,
            )
            if added is None:
                raise PasskeyKnown
            await add_audit_in_tx(conn, passkey.domain, audit)

    async def remove(self, domain: DomainId, user: UserId, passkey: PasskeyId, audit: AuditLine) -> bool:
        async with transaction(self._pool) as conn:
            if await conn.fetchval(_REMOVE, domain, user, passkey) is None:
                return False
            await add_audit_in_tx(conn, domain, audit)
        return True

    async def mark_used(self, passkey: Passkey, uses: int, at: datetime) -> bool:
        async with connection(self._pool) as conn:
            marked = await conn.fetchval(_MARK_USED, passkey.domain, passkey.credential, passkey.uses, uses, at)
        return marked is not None


def _passkey(row: asyncpg.Record) -> Passkey:
    return Passkey(
        passkey=row["passkey_id"],
        domain=row["domain_id"],
        user=row["user_id"],
        credential=row["credential_id"],
        public_key=row["public_key"],
        uses=row["uses"],
        name=row["name"],
        created_at=row["created_at"],
        last_used_at=row["last_used_at"],
    )
