"""Photos of users in PostgreSQL: a few kilobytes each, read by whoever has not seen this revision yet."""

from accounts.model import Account, AuditLine
from storage.postgres.accounts import account_in_tx, add_audit_in_tx
from storage.postgres.pool import Pool, connection, transaction
from wire.identity import DomainId, UserId

_PICTURE = "SELECT picture FROM user_photos WHERE domain_id = $1 AND user_id = $2"

# The user's row, then the domain's, as everywhere.
_CHANGE = """
UPDATE users SET profile_rev = profile_rev + 1, photo_rev = CASE WHEN $3 THEN profile_rev + 1 ELSE 0 END
WHERE domain_id = $1 AND user_id = $2 AND deleted_at IS NULL RETURNING true
"""
_KEEP = """
INSERT INTO user_photos (domain_id, user_id, picture) VALUES ($1, $2, $3)
ON CONFLICT (domain_id, user_id) DO UPDATE SET picture = $3
"""
_FORGET = "DELETE FROM user_photos WHERE domain_id = $1 AND user_id = $2"
_NEXT_REV = "UPDATE domains SET directory_rev = directory_rev + 1 WHERE domain_id = $1 RETURNING directory_rev"
_MARK = "UPDATE users SET directory_rev = $3 WHERE domain_id = $1 AND user_id = $2"


class PostgresPhotoStore:
    """See `accounts.photos.store.PhotoStore`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def account(self, domain: DomainId, user: UserId) -> Account | None:
        async with connection(self._pool) as conn:
            return await account_in_tx(conn, domain, user)

    async def picture(self, domain: DomainId, user: UserId) -> bytes | None:
        async with connection(self._pool) as conn:
            picture: bytes | None = await conn.fetchval(_PICTURE, domain, user)
        return picture

    async def change(self, domain: DomainId, user: UserId, picture: bytes | None, audit: AuditLine) -> Account | None:
        async with transaction(self._pool) as conn:
            if not await conn.fetchval(_CHANGE, domain, user, picture is not None):
                return None
            if picture is None:
                await conn.execute(_FORGET, domain, user)
            else:
                await conn.execute(_KEEP, domain, user, picture)
            await conn.execute(_MARK, domain, user, await conn.fetchval(_NEXT_REV, domain))
            await add_audit_in_tx(conn, domain, audit)
            return await account_in_tx(conn, domain, user)
