"""Keys of programs, in PostgreSQL."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg

from accounts.api_keys.errors import NameTaken, TooManyKeys
from accounts.api_keys.model import KeyId, KeyLine, NewKey, UsedKey
from accounts.api_keys.scopes import KeyScope
from accounts.model import AuditLine
from storage.postgres.accounts import add_audit_in_tx
from storage.postgres.pool import Pool, connection, transaction
from wire.identity import DomainId, Extension, Scope, UserId

# Whoever counts waits here, so that two at the same time do not both find room.
_HOLD_DOMAIN = "SELECT domain_id FROM domains WHERE domain_id = $1 FOR NO KEY UPDATE"

_COUNT = "SELECT count(*) FROM api_keys WHERE domain_id = $1"

_ADD = """
INSERT INTO api_keys (
    domain_id, key_id, token_hash, user_id, name, scopes, created_by, created_at, expires_at
) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (domain_id, name) DO NOTHING RETURNING key_id
"""

_LIST = """
SELECT k.key_id, k.name, k.user_id, u.extension, k.scopes, k.created_by, k.created_at, k.expires_at, k.last_used_at
FROM api_keys k JOIN users u ON u.domain_id = k.domain_id AND u.user_id = k.user_id
WHERE k.domain_id = $1 ORDER BY k.name
"""

_REVOKE = "DELETE FROM api_keys WHERE domain_id = $1 AND key_id = $2 RETURNING user_id"

_USED = """
SELECT k.domain_id, k.key_id, k.name, k.user_id, k.scopes, k.expires_at, k.last_used_at,
    u.extension, u.scope, u.site, u.disabled
FROM api_keys k JOIN users u ON u.domain_id = k.domain_id AND u.user_id = k.user_id AND u.deleted_at IS NULL
WHERE k.domain_id = $1
"""
_BY_TOKEN = f"{_USED} AND k.token_hash = $2"
_BY_ID = f"{_USED} AND k.key_id = $2"

_USER = """
SELECT user_id FROM users WHERE domain_id = $1 AND extension = $2 AND deleted_at IS NULL AND NOT is_system
"""

_MARK_USED = """
UPDATE api_keys SET last_used_at = $3
WHERE domain_id = $1 AND key_id = $2 AND (last_used_at IS NULL OR last_used_at < $3)
"""


class PostgresKeyStore:
    """See `accounts.api_keys.store.KeyStore`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def add(self, key: NewKey, most: int, audit: AuditLine) -> None:
        async with transaction(self._pool) as conn:
            await conn.execute(_HOLD_DOMAIN, key.domain)
            if int(await conn.fetchval(_COUNT, key.domain)) >= most:
                raise TooManyKeys(most)
            added = await conn.fetchval(
                _ADD,
                key.domain,
                key.key,
                key.token_hash,
                key.user,
                key.name,
                list(key.scopes),
                key.created_by,
                key.created_at,
                key.expires_at,
            )
            if added is None:
                raise NameTaken
            await add_audit_in_tx(conn, key.domain, audit)

    async def list_all(self, domain: DomainId) -> Sequence[KeyLine]:
        async with connection(self._pool) as conn:
            rows = await conn.fetch(_LIST, domain)
        return [
            KeyLine(
                key=row["key_id"],
                name=row["name"],
                user=row["user_id"],
                extension=row["extension"],
                scopes=_scopes(row),
                created_by=row["created_by"],
                created_at=row["created_at"],
                expires_at=row["expires_at"],
                last_used_at=row["last_used_at"],
            )
            for row in rows
        ]

    async def revoke(self, domain: DomainId, key: KeyId, audit: AuditLine) -> UserId | None:
        async with transaction(self._pool) as conn:
            user: UserId | None = await conn.fetchval(_REVOKE, domain, key)
            if user is not None:
                await add_audit_in_tx(conn, domain, audit)
        return user

    async def user_with(self, domain: DomainId, extension: Extension) -> UserId | None:
        async with connection(self._pool) as conn:
            user: UserId | None = await conn.fetchval(_USER, domain, extension)
        return user

    async def by_token(self, domain: DomainId, token_hash: bytes) -> UsedKey | None:
        async with connection(self._pool) as conn:
            row = await conn.fetchrow(_BY_TOKEN, domain, token_hash)
        return None if row is None else _used(row)

    async def by_id(self, domain: DomainId, key: KeyId) -> UsedKey | None:
        async with connection(self._pool) as conn:
            row = await conn.fetchrow(_BY_ID, domain, key)
        return None if row is None else _used(row)

    async def mark_used(self, domain: DomainId, key: KeyId, at: datetime) -> None:
        async with connection(self._pool) as conn:
            await conn.execute(_MARK_USED, domain, key, at)


def _used(row: asyncpg.Record) -> UsedKey:
    return UsedKey(
        key=row["key_id"],
        name=row["name"],
        domain=row["domain_id"],
        user=row["user_id"],
        extension=row["extension"],
        scope=Scope(row["scope"]),
        site=row["site"],
        disabled=row["disabled"],
        scopes=_scopes(row),
        expires_at=row["expires_at"],
        last_used_at=row["last_used_at"],
    )


def _scopes(row: asyncpg.Record) -> tuple[KeyScope, ...]:
    """Those of a newer release are nothing here."""
    known = {scope.value for scope in KeyScope}
    return tuple(KeyScope(scope) for scope in row["scopes"] if scope in known)
