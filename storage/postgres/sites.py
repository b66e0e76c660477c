"""Sites in PostgreSQL, and those who follow their settings."""

from collections.abc import Sequence

from accounts.model import AuditLine
from accounts.profiles.model import Site, SiteDefaults
from accounts.sites.model import SiteChanged
from storage.postgres.accounts import add_audit_in_tx
from storage.postgres.pool import Connection, Pool, connection, transaction
from storage.postgres.profiles import sites_in_tx
from wire.identity import DomainId

_ADD = """
INSERT INTO sites (domain_id, site, time_zone, area_code, record_calls, list_in_directory, announce_in_directory)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (domain_id, site) DO NOTHING RETURNING true
"""

# Before its users are, as everywhere.
_HOLD = """
SELECT time_zone, area_code, record_calls, list_in_directory, announce_in_directory FROM sites
WHERE domain_id = $1 AND site = $2 FOR UPDATE
"""

_CHANGE = """
UPDATE sites SET site = $3, time_zone = $4, area_code = $5, record_calls = $6, list_in_directory = $7,
    announce_in_directory = $8
WHERE domain_id = $1 AND site = $2
"""

_FOLLOW = """
UPDATE users SET time_zone = $3, area_code = $4, record_calls = $5, list_in_directory = $6, announce_in_directory = $7,
    profile_rev = profile_rev + 1
WHERE domain_id = $1 AND site = $2 AND overwrite_with_site_defaults AND deleted_at IS NULL
    AND (time_zone, area_code, record_calls, list_in_directory, announce_in_directory) <> ($3, $4, $5, $6, $7)
RETURNING user_id
"""
_LISTED_BEFORE = """
SELECT user_id FROM users
WHERE domain_id = $1 AND site = $2 AND overwrite_with_site_defaults AND deleted_at IS NULL AND NOT is_system
    AND list_in_directory <> $3
ORDER BY user_id FOR UPDATE
"""
_RENAMED = """
UPDATE users SET profile_rev = profile_rev + 1 WHERE domain_id = $1 AND site = $2 AND deleted_at IS NULL
    AND NOT user_id = ANY($3)
RETURNING user_id
"""

_NEXT_REV = "UPDATE domains SET directory_rev = directory_rev + 1 WHERE domain_id = $1 RETURNING directory_rev"
_MARK = "UPDATE users SET directory_rev = $3 WHERE domain_id = $1 AND user_id = ANY($2)"

_USERS_OF = "SELECT count(*)::int FROM users WHERE domain_id = $1 AND site = $2"
_REMOVE = "DELETE FROM sites WHERE domain_id = $1 AND site = $2"


class PostgresSiteStore:
    """See `accounts.sites.store.SiteStore`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def sites(self, domain: DomainId) -> Sequence[Site]:
        async with connection(self._pool) as conn:
            return await sites_in_tx(conn, domain)

    async def add(self, domain: DomainId, site: Site, audit: AuditLine) -> bool:
        async with transaction(self._pool) as conn:
            if not await conn.fetchval(_ADD, domain, site.name, *_settings(site)):
                return False
            await add_audit_in_tx(conn, domain, audit)
            return True

    async def change(self, domain: DomainId, before: Site, after: Site, audit: AuditLine) -> SiteChanged | None:
        async with transaction(self._pool) as conn:
            row = await conn.fetchrow(_HOLD, domain, before.name)
            if row is None or SiteDefaults(**dict(row)) != before.defaults:
                return None
            await conn.execute(_CHANGE, domain, before.name, after.name, *_settings(after))
            changed = await _follow_in_tx(conn, domain, after, was_renamed=before.name != after.name)
            await add_audit_in_tx(conn, domain, audit)
            return changed

    async def remove(self, domain: DomainId, name: str, audit: AuditLine) -> int | None:
        async with transaction(self._pool) as conn:
            if await conn.fetchrow(_HOLD, domain, name) is None:
                return None
            users = int(await conn.fetchval(_USERS_OF, domain, name))
            if not users:
                await conn.execute(_REMOVE, domain, name)
                await add_audit_in_tx(conn, domain, audit)
            return users


async def _follow_in_tx(conn: Connection, domain: DomainId, site: Site, *, was_renamed: bool) -> SiteChanged:
    relisted = [row["user_id"] for row in await conn.fetch(_LISTED_BEFORE, domain, site.name, site.list_in_directory)]
    users = [row["user_id"] for row in await conn.fetch(_FOLLOW, domain, site.name, *_settings(site))]
    seen = relisted
    if was_renamed:
        users += [row["user_id"] for row in await conn.fetch(_RENAMED, domain, site.name, users)]
        seen = users
    rev = None
    if seen:
        rev = int(await conn.fetchval(_NEXT_REV, domain))
        await conn.execute(_MARK, domain, seen, rev)
    return SiteChanged(users=sorted(users), relisted=dict.fromkeys(relisted, site.list_in_directory), directory_rev=rev)


def _settings(site: Site) -> tuple[object, ...]:
    defaults = site.defaults
    return tuple(getattr(defaults, name) for name in SiteDefaults.__struct_fields__)
