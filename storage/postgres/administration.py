"""Administration keys, in PostgreSQL."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg

from accounts.administration.model import AdministrationKey, NewAdministrationKey
from accounts.administration.scopes import AdministrationScope
from storage.postgres.pool import Pool, connection
from wire.identity import DomainId

_ADD = """
INSERT INTO administration_keys (key_id, token_hash, name, scopes, domains, created_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (name) DO NOTHING RETURNING key_id
"""
_KEYS = "SELECT key_id, name, scopes, domains, created_at, expires_at, last_used_at FROM administration_keys"
_LIST = f"{_KEYS} ORDER BY name"
_BY_TOKEN = f"{_KEYS} WHERE token_hash = $1"
_REVOKE = "DELETE FROM administration_keys WHERE name = $1 RETURNING key_id"
_MARK_USED = """
UPDATE administration_keys SET last_used_at = $2 WHERE key_id = $1 AND (last_used_at IS NULL OR last_used_at < $2)
"""
_IS_OPEN = "SELECT EXISTS (SELECT FROM domains WHERE domain_id = $1 AND closed_at IS NULL)"


class PostgresAdministrationKeyStore:
    """See `accounts.administration.store.AdministrationKeyStore`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def add(self, key: NewAdministrationKey) -> bool:
        domains = None if key.domains is None else list(key.domains)
        values = key.key, key.token_hash, key.name, list(key.scopes), domains, key.created_at, key.expires_at
        async with connection(self._pool) as conn:
            return await conn.fetchval(_ADD, *values) is not None

    async def list_all(self) -> Sequence[AdministrationKey]:
        async with connection(self._pool) as conn:
            return [_key(row) for row in await conn.fetch(_LIST)]

    async def revoke(self, name: str) -> bool:
        async with connection(self._pool) as conn:
            return await conn.fetchval(_REVOKE, name) is not None

    async def by_token(self, token_hash: bytes) -> AdministrationKey | None:
        async with connection(self._pool) as conn:
            row = await conn.fetchrow(_BY_TOKEN, token_hash)
        return None if row is None else _key(row)

    async def mark_used(self, key: str, at: datetime) -> None:
        async with connection(self._pool) as conn:
            await conn.execute(_MARK_USED, key, at)

    async def is_open(self, domain: DomainId) -> bool:
        if "\0" in domain:  # PostgreSQL cannot even be asked for it
            return False
        async with connection(self._pool) as conn:
            return bool(await conn.fetchval(_IS_OPEN, domain))


def _key(row: asyncpg.Record) -> AdministrationKey:
    known = {scope.value for scope in AdministrationScope}
    return AdministrationKey(
        key=row["key_id"],
        name=row["name"],
        scopes=tuple(AdministrationScope(scope) for scope in row["scopes"] if scope in known),
        domains=None if row["domains"] is None else tuple(row["domains"]),
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        last_used_at=row["last_used_at"],
    )
