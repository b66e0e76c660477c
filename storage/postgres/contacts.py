"""The directory and contacts in PostgreSQL."""

from collections.abc import Sequence

import asyncpg
from msgspec import convert

from contacts.model import DirectoryEntry, Kind
from storage.postgres.pool import Pool, connection
from wire.contacts import Address, Contact, Email, Number
from wire.errors import NotFound
from wire.identity import DomainId, Scope, UserId
from wire.records import Coworker

_DIRECTORY_REV = "SELECT directory_rev FROM domains WHERE domain_id = $1"

_DIRECTORY = """
SELECT u.user_id, u.directory_rev, u.extension, u.first_name, u.last_name, u.department, u.site, u.job_title,
    u.scope, u.list_in_directory, coalesce(e.email, '') AS email
FROM users u LEFT JOIN user_emails e ON e.domain_id = u.domain_id AND e.user_id = u.user_id AND e.position = 1
WHERE u.domain_id = $1 AND u.user_id > $2 AND u.deleted_at IS NULL AND NOT u.is_system
ORDER BY u.user_id LIMIT $3
"""

_COLUMNS = """
SELECT contact_id, owner_id, rev, first_name, middle_name, last_name, company, department, job_title, numbers, emails,
    addresses, notes, tags
FROM contacts
"""

_ONE_KIND = f"""
({_COLUMNS} WHERE domain_id = $1 AND owner_id {{}} AND contact_id > $2 AND deleted_at IS NULL
ORDER BY contact_id LIMIT $3)
"""
_SHARED = _ONE_KIND.format("IS NULL")
_PERSONAL = _ONE_KIND.format("= $4")
# Each half by the index and no longer than the page; a condition with OR would read all contacts of the domain.
_BOTH = f"{_SHARED} UNION ALL {_PERSONAL} ORDER BY contact_id LIMIT $3"


class PostgresContactStore:
    """See `contacts.store.ContactStore`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def directory_rev(self, domain: DomainId) -> int:
        async with connection(self._pool) as conn:
            rev: int | None = await conn.fetchval(_DIRECTORY_REV, domain)
        if rev is None:
            raise NotFound(f"There is no domain {domain}")
        return rev

    async def directory(self, domain: DomainId, after: UserId, limit: int) -> Sequence[DirectoryEntry]:
        async with connection(self._pool) as conn:
            rows = await conn.fetch(_DIRECTORY, domain, after, limit)
        return [_entry(row) for row in rows]

    async def contacts(
        self, domain: DomainId, owner: UserId, kind: Kind | None, after: int, limit: int
    ) -> Sequence[Contact]:
        async with connection(self._pool) as conn:
            if kind is Kind.SHARED:
                rows = await conn.fetch(_SHARED, domain, after, limit)
            else:
                rows = await conn.fetch(_PERSONAL if kind else _BOTH, domain, after, limit, owner)
        return [_contact(row) for row in rows]


def _entry(row: asyncpg.Record) -> DirectoryEntry:
    coworker = Coworker(
        user=row["user_id"],
        rev=row["directory_rev"],
        extension=row["extension"],
        first_name=row["first_name"],
        last_name=row["last_name"],
        department=row["department"],
        site=row["site"] or "",
        job_title=row["job_title"],
        email=row["email"],
    )
    return DirectoryEntry(coworker, Scope(row["scope"]), row["site"], row["list_in_directory"])


def _contact(row: asyncpg.Record) -> Contact:
    return Contact(
        contact=row["contact_id"],
        rev=row["rev"],
        shared=row["owner_id"] is None,
        first_name=row["first_name"],
        middle_name=row["middle_name"],
        last_name=row["last_name"],
        company=row["company"],
        department=row["department"],
        job_title=row["job_title"],
        numbers=convert(row["numbers"], list[Number]),
        emails=convert(row["emails"], list[Email]),
        addresses=convert(row["addresses"], list[Address]),
        notes=row["notes"],
        tags=row["tags"],
    )
