"""Domains in PostgreSQL, from the first row to the last.

A deletion goes in steps, each of which is over in a fraction of a second: what there is most of goes first, a few
thousand rows at a time, and the domain's own row last. Until then it is closed, and nobody sees it any more.
"""

from collections.abc import Sequence

import asyncpg

from accounts.domains.errors import DomainOnItsWayOut
from accounts.domains.model import SETTINGS, Domain
from accounts.model import AuditLine
from storage.postgres.accounts import add_audit_in_tx
from storage.postgres.pool import Connection, Pool, connection, transaction
from wire.identity import DomainId

_DOMAINS = """
SELECT d.domain_id, d.name, d.country, d.time_zone, d.language, d.ringing_is_busy, d.retention_days, (
    SELECT count(*)::int FROM users u WHERE u.domain_id = d.domain_id AND u.deleted_at IS NULL AND NOT u.is_system
) AS users
FROM domains d WHERE d.closed_at IS NULL
"""
_DOMAIN = f"{_DOMAINS} AND d.domain_id = $1"
_ALL_DOMAINS = f"{_DOMAINS} ORDER BY d.domain_id"
_IS_GOING = "SELECT EXISTS (SELECT FROM domains WHERE domain_id = $1 AND closed_at IS NOT NULL)"
_ADD = """
INSERT INTO domains (domain_id, name, country, time_zone, language, ringing_is_busy, retention_days)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (domain_id) DO NOTHING RETURNING domain_id
"""
_HOLD = """
SELECT name, country, time_zone, language, ringing_is_busy, retention_days FROM domains
WHERE domain_id = $1 AND closed_at IS NULL FOR NO KEY UPDATE
"""
_CHANGE = """
UPDATE domains SET name = $2, country = $3, time_zone = $4, language = $5, ringing_is_busy = $6, retention_days = $7
WHERE domain_id = $1
"""

_CLOSE = "UPDATE domains SET closed_at = now() WHERE domain_id = $1 AND closed_at IS NULL RETURNING domain_id"
_PEOPLE = "SELECT count(*)::int FROM users WHERE domain_id = $1 AND deleted_at IS NULL AND NOT is_system"
_SHUT = (
    # Logins and keys are good for users who may log in only, and so are passwords, passkeys and single sign-on.
    "UPDATE users SET disabled = true WHERE domain_id = $1 AND NOT disabled",
    "DELETE FROM sessions WHERE domain_id = $1",
    "DELETE FROM api_keys WHERE domain_id = $1",
    "DELETE FROM pbx_source_domains WHERE domain_id = $1",
    "DELETE FROM webhooks WHERE domain_id = $1",
    "DELETE FROM sms_numbers WHERE domain_id = $1",
)

_CLOSED = "SELECT domain_id FROM domains WHERE closed_at IS NOT NULL ORDER BY domain_id"
_STEPS = tuple(
    f"""
    WITH chosen AS (SELECT {key} FROM {table} WHERE domain_id = $1 LIMIT {most})
    DELETE FROM {table} t USING chosen WHERE t.domain_id = $1 AND ({keys_of_t}) = ({keys_chosen})
    """  # noqa: S608 - put together from constants
    for table, key, most, keys_of_t, keys_chosen in (
        ("messages", "conversation_id, seq", 2_000, "t.conversation_id, t.seq", "chosen.conversation_id, chosen.seq"),
        (
            "message_words",
            "conversation_id, seq",
            2_000,
            "t.conversation_id, t.seq",
            "chosen.conversation_id, chosen.seq",
        ),
        ("conversations", "conversation_id", 500, "t.conversation_id", "chosen.conversation_id"),
        ("contact_imports", "import_id", 1, "t.import_id", "chosen.import_id"),
        ("contacts", "contact_id", 1_000, "t.contact_id", "chosen.contact_id"),
        ("users", "user_id", 200, "t.user_id", "chosen.user_id"),
    )
)
_DELETE = "DELETE FROM domains WHERE domain_id = $1 AND closed_at IS NOT NULL"
_LAST_SECONDS = 600.0
"""The rest goes at once, the audit with it, which the database lets go only together with its domain."""
_FORGET_USAGE = "DELETE FROM file_usage WHERE domain_id = $1"


class PostgresDomainStore:
    """See `accounts.domains.store.DomainStore`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def domain(self, domain: DomainId) -> Domain | None:
        async with connection(self._pool) as conn:
            row = await conn.fetchrow(_DOMAIN, domain)
        return None if row is None else _domain(row)

    async def domains(self) -> Sequence[Domain]:
        async with connection(self._pool) as conn:
            return [_domain(row) for row in await conn.fetch(_ALL_DOMAINS)]

    async def add(self, domain: Domain, audit: AuditLine) -> bool:
        async with transaction(self._pool) as conn:
            if await conn.fetchval(_IS_GOING, domain.domain):
                raise DomainOnItsWayOut(domain.domain)
            if await conn.fetchval(_ADD, domain.domain, *_settings(domain)) is None:
                return False
            await add_audit_in_tx(conn, domain.domain, audit)
            return True

    async def change(self, before: Domain, after: Domain, audit: AuditLine) -> bool:
        async with transaction(self._pool) as conn:
            row = await conn.fetchrow(_HOLD, before.domain)
            if row is None or tuple(row) != _settings(before):
                return False
            await conn.execute(_CHANGE, after.domain, *_settings(after))
            await add_audit_in_tx(conn, after.domain, audit)
            return True

    async def close(self, domain: DomainId) -> int | None:
        async with transaction(self._pool) as conn:
            if await conn.fetchval(_CLOSE, domain) is None:
                return None
            users = int(await conn.fetchval(_PEOPLE, domain))
            for statement in _SHUT:
                await conn.execute(statement, domain)
            return users

    async def closed(self) -> Sequence[DomainId]:
        async with connection(self._pool) as conn:
            return [row["domain_id"] for row in await conn.fetch(_CLOSED)]

    async def delete_some(self, domain: DomainId) -> bool:
        for step in _STEPS:
            async with connection(self._pool) as conn:
                if await conn.execute(step, domain) != "DELETE 0":
                    return True
        async with transaction(self._pool) as conn:
            await _delete_in_tx(conn, domain)
        return False


async def _delete_in_tx(conn: Connection, domain: DomainId) -> None:
    await conn.execute(f"SET LOCAL statement_timeout = {int(_LAST_SECONDS * 1_000)}")
    await conn.execute(_DELETE, domain, timeout=_LAST_SECONDS)
    # The files that went with it were counted down there.
    await conn.execute(_FORGET_USAGE, domain)


def _settings(domain: Domain) -> tuple[object, ...]:
    return tuple(getattr(domain, name) for name in SETTINGS)


def _domain(row: asyncpg.Record) -> Domain:
    return Domain(domain=row["domain_id"], users=row["users"], **{name: row[name] for name in SETTINGS})
