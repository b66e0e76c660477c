"""What users set about their presence, and the rules of their domain."""

import asyncpg

from pbx.model import CommandKind
from presence.facts import PORTAL, SettingsChanged
from presence.store import DomainSettings
from presence.view import Target
from storage.postgres.pool import Connection, Pool, connection, transaction
from storage.postgres.switch_commands import wish_in_tx
from wire.errors import NotFound
from wire.identity import DomainId, Scope, SourceId, UserId

_COLUMNS = """
    u.user_id, coalesce(p.rev, 0) AS rev, coalesce(p.dnd, false) AS dnd,
    coalesce((extract(epoch FROM p.dnd_since) * 1000)::bigint, 0) AS dnd_since_ms,
    coalesce(p.appear_offline, false) AS appear_offline, coalesce(p.message, '') AS message,
    coalesce((extract(epoch FROM p.message_until) * 1000)::bigint, 0) AS message_until_ms,
    (u.list_in_directory AND NOT u.is_system AND u.deleted_at IS NULL) AS listed, u.scope, coalesce(u.site, '') AS site,
    EXISTS (
        SELECT FROM switch_commands c WHERE c.domain_id = u.domain_id AND c.user_id = u.user_id AND c.kind = 'dnd'
    ) AS dnd_pending
FROM users u LEFT JOIN presence_settings p USING (domain_id, user_id)
"""

_READ_DOMAIN = f"""
SELECT {_COLUMNS}
WHERE u.domain_id = $1 AND (p.user_id IS NOT NULL OR NOT u.list_in_directory OR u.is_system OR u.deleted_at IS NOT NULL)
"""

_READ_USER = f"SELECT {_COLUMNS} WHERE u.domain_id = $1 AND u.user_id = $2"

# Locks the row until the end of the transaction, so that whoever takes a higher revision also reads newer settings.
_NEXT_REVISION = """
INSERT INTO presence_settings (domain_id, user_id) VALUES ($1, $2)
ON CONFLICT (domain_id, user_id) DO UPDATE SET rev = presence_settings.rev + 1
"""

_SET_DND = """
UPDATE presence_settings SET dnd = $3, dnd_since = CASE WHEN NOT $3 THEN NULL WHEN dnd THEN dnd_since ELSE now() END
WHERE domain_id = $1 AND user_id = $2
"""

_IS_AWAITED = """
SELECT EXISTS (
    SELECT FROM switch_commands WHERE domain_id = $1 AND user_id = $2 AND source_id = $3 AND kind = 'dnd'
)
"""

_CONFIRM = "DELETE FROM switch_commands WHERE domain_id = $1 AND user_id = $2 AND source_id = $3 AND kind = 'dnd'"

_SET_APPEAR_OFFLINE = "UPDATE presence_settings SET appear_offline = $3 WHERE domain_id = $1 AND user_id = $2"

_SET_MESSAGE = """
UPDATE presence_settings
SET message = $3, message_until = CASE WHEN $4::bigint = 0 THEN NULL ELSE to_timestamp($4::bigint / 1000.0) END
WHERE domain_id = $1 AND user_id = $2
"""


class PostgresPresenceSettingsStore:
    """See `presence.store.PresenceSettingsStore`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def read(self, domain: DomainId) -> DomainSettings:
        async with connection(self._pool) as conn:
            ringing_is_busy = await conn.fetchval("SELECT ringing_is_busy FROM domains WHERE domain_id = $1", domain)
            rows = await conn.fetch(_READ_DOMAIN, domain)
        if ringing_is_busy is None:
            raise NotFound(f"There is no domain {domain}")
        return DomainSettings(ringing_is_busy, [_settings(row) for row in rows])

    async def target(self, domain: DomainId, user: UserId) -> Target:
        async with connection(self._pool) as conn:
            row = await conn.fetchrow(_READ_USER, domain, user)
        if row is None:
            raise NotFound(f"There is no user {user}")
        return Target(row["user_id"], Scope(row["scope"]), row["site"], row["listed"])

    async def set_dnd(
        self, domain: DomainId, user: UserId, on: bool, source: SourceId = PORTAL, *, is_echo: bool = False
    ) -> SettingsChanged:
        async with transaction(self._pool) as conn:
            await _take_next_revision(conn, domain, user)
            before = await _read_in(conn, domain, user)
            if is_echo and before.dnd != on and await conn.fetchval(_IS_AWAITED, domain, user, source):
                return before
            await conn.execute(_SET_DND, domain, user, on)
            await conn.execute(_CONFIRM, domain, user, source)
            if source == PORTAL or before.dnd != on:
                await wish_in_tx(conn, domain, user, CommandKind.DND, before.rev, but=source)
            return await _read_in(conn, domain, user)

    async def set_appear_offline(self, domain: DomainId, user: UserId, on: bool) -> SettingsChanged:
        return await self._change(domain, user, _SET_APPEAR_OFFLINE, on)

    async def set_message(self, domain: DomainId, user: UserId, message: str, until_ms: int) -> SettingsChanged:
        return await self._change(domain, user, _SET_MESSAGE, message, until_ms)

    async def touch(self, domain: DomainId, user: UserId) -> SettingsChanged:
        return await self._change(domain, user, None)

    async def _change(self, domain: DomainId, user: UserId, statement: str | None, *values: object) -> SettingsChanged:
        async with transaction(self._pool) as conn:
            await _take_next_revision(conn, domain, user)
            if statement is not None:
                await conn.execute(statement, domain, user, *values)
            return await _read_in(conn, domain, user)


async def _read_in(conn: Connection, domain: DomainId, user: UserId) -> SettingsChanged:
    row = await conn.fetchrow(_READ_USER, domain, user)
    assert row is not None
    return _settings(row)


async def _take_next_revision(conn: Connection, domain: DomainId, user: UserId) -> None:
    try:
        await conn.execute(_NEXT_REVISION, domain, user)
    except asyncpg.ForeignKeyViolationError as error:
        raise NotFound(f"There is no user {user} in {domain}") from error


def _settings(row: asyncpg.Record) -> SettingsChanged:
    return SettingsChanged(
        user=row["user_id"],
        rev=row["rev"],
        dnd=row["dnd"],
        dnd_since_ms=row["dnd_since_ms"],
        appear_offline=row["appear_offline"],
        message=row["message"],
        message_until_ms=row["message_until_ms"],
        listed=row["listed"],
        scope=row["scope"],
        site=row["site"],
        dnd_pending=row["dnd_pending"],
    )
