"""The parts that changes of contacts are made of, for single ones and for imports. Contacts are locked before their
book is opened. Revisions are taken from the book, and the counts are its own.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from contacts.errors import BookFull
from contacts.model import BookId, Doing
from storage.postgres.contact_book import Book
from storage.postgres.contact_rows import CONTACT, FIELDS, columns_of, contact_of
from storage.postgres.pool import Connection
from wire.contacts import Contact, ContactFields
from wire.errors import NotFound
from wire.identity import DomainId

_SOME_OF_BOOK = f"SELECT {CONTACT} FROM contacts WHERE domain_id = $1 AND contact_id = ANY($2) AND book_id = $3"
# In one order, since whoever locks in another one waits for whoever waits.
_LOCKED = f"{_SOME_OF_BOOK} ORDER BY contact_id FOR UPDATE"

_TAKE_IDS = """
UPDATE domains SET last_contact_id = last_contact_id + $2 WHERE domain_id = $1 RETURNING last_contact_id
"""

_ADD = f"""
INSERT INTO contacts (
    domain_id, contact_id, owner_id, rev, changed_by, created_at, updated_at, first_name, middle_name, last_name,
    company, department, job_title, numbers, emails, addresses, notes, tags, search
)
SELECT $1, given.contact_id, nullif($2, 0), given.rev, $3, $4, $4, given.first_name, given.middle_name,
    given.last_name, given.company, given.department, given.job_title, given.numbers, given.emails, given.addresses,
    given.notes, given.tags, given.search
FROM jsonb_to_recordset($5) AS given (contact_id bigint, rev bigint, {FIELDS})
RETURNING {CONTACT}
"""

_CHANGE = f"""
UPDATE contacts SET rev = given.rev, changed_by = $3, updated_at = $4, first_name = given.first_name,
    middle_name = given.middle_name, last_name = given.last_name, company = given.company,
    department = given.department, job_title = given.job_title, numbers = given.numbers, emails = given.emails,
    addresses = given.addresses, notes = given.notes, tags = given.tags, search = given.search
FROM (
    SELECT contact_id AS id, rev, first_name, middle_name, last_name, company, department, job_title, numbers, emails,
        addresses, notes, tags, search
    FROM jsonb_to_recordset($5) AS each (contact_id bigint, rev bigint, {FIELDS})
) given
WHERE contacts.domain_id = $1 AND contacts.contact_id = given.id AND contacts.book_id = $2
"""

_MOVE = """
UPDATE contacts SET rev = given.rev, changed_by = $3, updated_at = $4, deleted_at = $5
FROM unnest($6::bigint[], $7::bigint[]) AS given (id, rev)
WHERE contacts.domain_id = $1 AND contacts.book_id = $2 AND contacts.contact_id = given.id
"""


async def take_ids(conn: Connection, domain: DomainId, count: int) -> int:
    """So many ids; the last of them. Not in a transaction that lasts: the domain's row is wanted by many."""
    last = await conn.fetchval(_TAKE_IDS, domain, count)
    if last is None:
        raise NotFound(f"There is no domain {domain}")
    return int(last)


async def locked_in_tx(
    conn: Connection, domain: DomainId, book: BookId, contacts: Sequence[int]
) -> Mapping[int, Contact]:
    rows = await conn.fetch(_LOCKED, domain, list(contacts), book)
    return {row["contact_id"]: contact_of(row) for row in rows}


async def add_in_tx(
    conn: Connection, domain: DomainId, doing: Doing, book: Book, contacts: Mapping[int, ContactFields], most: int
) -> list[Contact]:
    """Contacts by the ids that were taken for them. Raises `BookFull`."""
    if book.contacts + len(contacts) > most:
        raise BookFull(most)
    given = _given(book, contacts)
    rows = await conn.fetch(_ADD, domain, doing.book, doing.hand, doing.at, given)
    book.contacts += len(rows)
    return sorted(map(contact_of, rows), key=lambda each: each.contact)


async def change_in_tx(
    conn: Connection, domain: DomainId, doing: Doing, book: Book, contacts: Mapping[int, ContactFields]
) -> list[Contact]:
    if not contacts:
        return []
    await conn.execute(_CHANGE, domain, doing.book, doing.hand, doing.at, _given(book, contacts))
    rows = await conn.fetch(_SOME_OF_BOOK, domain, list(contacts), doing.book)
    return [contact_of(row) for row in rows]


async def move_in_tx(
    conn: Connection, domain: DomainId, doing: Doing, book: Book, contacts: Sequence[int], deleted_at: datetime | None
) -> list[Contact]:
    """Into the trash, or back from it."""
    if not contacts:
        return []
    revs = book.take(len(contacts))
    await conn.execute(_MOVE, domain, doing.book, doing.hand, doing.at, deleted_at, list(contacts), revs)
    book.contacts += len(contacts) if deleted_at is None else -len(contacts)
    rows = await conn.fetch(_SOME_OF_BOOK, domain, list(contacts), doing.book)
    return [contact_of(row) for row in rows]


def _given(book: Book, contacts: Mapping[int, ContactFields]) -> list[dict[str, Any]]:
    revs = book.take(len(contacts))
    return [
        {"contact_id": contact, "rev": rev, **columns_of(fields)}
        for rev, (contact, fields) in zip(revs, contacts.items(), strict=True)
    ]
