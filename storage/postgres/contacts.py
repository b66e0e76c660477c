"""The directory, contacts, stars and overlays in PostgreSQL. Lists of people together: people.py.

Whoever changes a book holds its row until the commit (`_Book`), so the changes of a book come one after the other.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import to_builtins

from contacts.errors import BookFull, TooManyFavourites
from contacts.model import (
    SHARED_BOOK,
    BookChanges,
    BookId,
    Changed,
    DirectoryEntry,
    Doing,
    Kind,
    Overview,
    OwnBook,
    Seen,
    book_of,
)
from contacts.searching import overlay_text
from storage.postgres.contact_audit import note_in_tx
from storage.postgres.contact_book import changing, open_book_in_tx
from storage.postgres.contact_changes import add_in_tx, change_in_tx, locked_in_tx, move_in_tx, take_ids
from storage.postgres.contact_numbers import NUMBERS, matches_of
from storage.postgres.contact_rows import (
    CONTACT,
    ENTRY,
    KIND_IN_TABLE,
    contact_of,
    entry_of,
    favourite_of,
    overlay_of,
    told,
)
from storage.postgres.look_ups import LookUps
from storage.postgres.pool import Connection, Pool, connection, transaction
from wire.contacts import Contact, ContactFields, ContactsPosition, NumberMatch, Overlay, TargetKind
from wire.errors import NotFound
from wire.identity import DomainId, Extension, UserId
from wire.limits import LIMITS

_DIRECTORY_REVS = "SELECT domain_id, directory_rev FROM domains WHERE domain_id = ANY($1::text[])"
_COUNTRY = "SELECT country FROM domains WHERE domain_id = $1"

_PEOPLE = f"SELECT {ENTRY} FROM users u WHERE u.domain_id = $1 AND u.deleted_at IS NULL AND NOT u.is_system"
_DIRECTORY = f"{_PEOPLE} AND u.user_id > $2 ORDER BY u.user_id LIMIT $3"
_COWORKER = f"{_PEOPLE} AND u.user_id = $2"
_COWORKER_AT = f"{_PEOPLE} AND u.extension = $2"
_ANNOUNCED = f"{_PEOPLE} AND u.announce_in_directory AND u.user_id > $2 ORDER BY u.user_id LIMIT $3"

_REVS = "SELECT book_id, rev FROM contact_books WHERE domain_id = $1 AND book_id = ANY($2)"
_OVERVIEWS = """
WITH asked AS (SELECT * FROM unnest((SELECT $1::text[]), (SELECT $2::int[])) AS asked (domain_id, user_id)),
company AS (
    SELECT d.domain_id, d.directory_rev, (
        SELECT count(*) FROM (
            SELECT FROM users u
            WHERE u.domain_id = d.domain_id AND u.deleted_at IS NULL AND NOT u.is_system LIMIT $3
        ) counted
    ) AS people
    FROM (SELECT DISTINCT domain_id FROM asked) each JOIN domains d USING (domain_id)
)
SELECT asked.domain_id, asked.user_id, c.directory_rev, (c.people + coalesce(book.contacts, 0))::int AS people,
    coalesce(book.shared, 0) AS shared, coalesce(book.own, 0) AS own
FROM asked JOIN company c USING (domain_id)
CROSS JOIN LATERAL (
    SELECT sum(b.contacts) AS contacts, max(b.rev) FILTER (WHERE b.book_id = 0) AS shared,
        max(b.rev) FILTER (WHERE b.book_id <> 0) AS own
    FROM contact_books b WHERE b.domain_id = asked.domain_id AND b.book_id IN (0, asked.user_id)
) book
"""
_BOOK = "SELECT rev, forgotten_rev FROM contact_books WHERE domain_id = $1 AND book_id = $2"

_OF_BOOK = f"""
(SELECT {CONTACT} FROM contacts WHERE domain_id = $1 AND book_id = {{}} AND contact_id > $2 AND deleted_at IS NULL
ORDER BY contact_id LIMIT $3)
"""
_SHARED = _OF_BOOK.format("0")
_PERSONAL = _OF_BOOK.format("$4")
# Each half by the index and no longer than the page; a condition with OR would read all contacts of the domain.
_BOTH = f"{_SHARED} UNION ALL {_PERSONAL} ORDER BY contact_id LIMIT $3"

_SOME = f"SELECT book_id, {CONTACT} FROM contacts WHERE domain_id = $1 AND contact_id = ANY($2)"
_TRASH = f"""
SELECT {CONTACT} FROM contacts
WHERE domain_id = $1 AND book_id = $2 AND deleted_at IS NOT NULL
    AND ($3::timestamptz IS NULL OR (deleted_at, contact_id) < ($3, $4))
ORDER BY deleted_at DESC, contact_id DESC LIMIT $5
"""

_CONTACTS_SINCE = f"""
SELECT {CONTACT} FROM contacts WHERE domain_id = $1 AND book_id = $2 AND rev > $3 ORDER BY rev LIMIT $4
"""
_FAVOURITES_SINCE = """
SELECT kind, target_id, rev, gone FROM favourites WHERE domain_id = $1 AND user_id = $2 AND rev > $3
ORDER BY rev LIMIT $4
"""
_OVERLAYS_SINCE = (
    "SELECT * FROM contact_overlays WHERE domain_id = $1 AND user_id = $2 AND rev > $3 ORDER BY rev LIMIT $4"
)

_FAVOURITES = """
SELECT kind, target_id, rev, gone FROM favourites WHERE domain_id = $1 AND user_id = $2 AND NOT gone
ORDER BY kind, target_id
"""
_OVERLAYS = "SELECT * FROM contact_overlays WHERE domain_id = $1 AND user_id = $2 AND NOT gone ORDER BY coworker_id"

_DOMAINS_WITH_TRASH = "SELECT DISTINCT domain_id FROM contacts WHERE deleted_at < $1"
_FORGET = """
WITH old AS (
    SELECT contact_id FROM contacts
    WHERE domain_id = $1 AND book_id = $2 AND deleted_at < $3 ORDER BY deleted_at LIMIT $4 FOR UPDATE SKIP LOCKED
)
DELETE FROM contacts USING old
WHERE contacts.domain_id = $1 AND contacts.contact_id = old.contact_id RETURNING contacts.contact_id, contacts.rev
"""
_FORGET_STARS_ON = "DELETE FROM favourites WHERE domain_id = $1 AND kind = 'contact' AND target_id = ANY($2)"
_BOOKS_WITH_TRASH = """
SELECT DISTINCT book_id FROM contacts WHERE domain_id = $1 AND deleted_at < $2 ORDER BY book_id
"""

_STAR = """
INSERT INTO favourites (domain_id, user_id, kind, target_id, rev) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (domain_id, user_id, kind, target_id) DO UPDATE SET rev = $5, gone = false
"""
_UNSTAR = """
UPDATE favourites SET rev = $5, gone = true WHERE domain_id = $1 AND user_id = $2 AND kind = $3 AND target_id = $4
"""
_IS_STARRED = """
SELECT NOT gone FROM favourites WHERE domain_id = $1 AND user_id = $2 AND kind = $3 AND target_id = $4
"""
_COUNT_STARS = "SELECT count(*) FROM favourites WHERE domain_id = $1 AND user_id = $2 AND NOT gone"

_OVERLAY = "SELECT * FROM contact_overlays WHERE domain_id = $1 AND user_id = $2 AND coworker_id = $3"
_SET_OVERLAY = """
INSERT INTO contact_overlays (
    domain_id, user_id, coworker_id, first_name, last_name, numbers, emails, notes, search, rev, gone, changed_at
) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
ON CONFLICT (domain_id, user_id, coworker_id) DO UPDATE SET first_name = $4, last_name = $5, numbers = $6, emails = $7,
    notes = $8, search = $9, rev = $10, gone = $11, changed_at = $12
"""

_Person = tuple[DomainId, UserId]


class PostgresContactStore:
    """See `contacts.store.ContactStore`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._directory_revs: LookUps[DomainId, int] = LookUps(self._find_directory_revs)
        self._overviews: LookUps[_Person, Overview] = LookUps(self._find_overviews)

    async def close(self) -> None:
        """Before the pool."""
        await self._directory_revs.close()
        await self._overviews.close()

    # ------------------------------------------------------------ the directory

    async def overview(self, domain: DomainId, user: UserId) -> Overview:
        found: Overview = _known(await self._overviews.get((domain, user)), domain)
        return found

    async def _find_overviews(self, asked: Sequence[_Person]) -> Mapping[_Person, Overview]:
        domains, users = [domain for domain, _ in asked], [user for _, user in asked]
        async with connection(self._pool) as conn:
            rows = await conn.fetch(_OVERVIEWS, domains, users, LIMITS.listed_people + 1)
        return {
            (row["domain_id"], row["user_id"]): Overview(
                row["directory_rev"], row["people"], ContactsPosition(shared=row["shared"], own=row["own"])
            )
            for row in rows
        }

    async def directory_rev(self, domain: DomainId) -> int:
        return int(_known(await self._directory_revs.get(domain), domain))

    async def _find_directory_revs(self, domains: Sequence[DomainId]) -> Mapping[DomainId, int]:
        async with connection(self._pool) as conn:
            rows = await conn.fetch(_DIRECTORY_REVS, domains)
        return {row["domain_id"]: row["directory_rev"] for row in rows}

    async def directory(self, domain: DomainId, after: UserId, limit: int) -> Sequence[DirectoryEntry]:
        return await self._entries(_DIRECTORY, domain, after, limit)

    async def announced(self, domain: DomainId, after: UserId, limit: int) -> Sequence[DirectoryEntry]:
        return await self._entries(_ANNOUNCED, domain, after, limit)

    async def coworker(self, domain: DomainId, user: UserId) -> DirectoryEntry | None:
        return next(iter(await self._entries(_COWORKER, domain, user)), None)

    async def coworker_at(self, domain: DomainId, extension: Extension) -> DirectoryEntry | None:
        return next(iter(await self._entries(_COWORKER_AT, domain, extension)), None)

    async def _entries(self, statement: str, *arguments: object) -> Sequence[DirectoryEntry]:
        async with connection(self._pool) as conn:
            return [entry_of(row) for row in await conn.fetch(statement, *arguments)]

    # ------------------------------------------------------------ reading contacts

    async def country(self, domain: DomainId) -> str:
        async with connection(self._pool) as conn:
            return str(_known(await conn.fetchval(_COUNTRY, domain), domain))

    async def positions(self, domain: DomainId, user: UserId) -> ContactsPosition:
        async with connection(self._pool) as conn:
            return await _position_in(conn, domain, user)

    async def contacts(
        self, domain: DomainId, owner: UserId, kind: Kind | None, after: int, limit: int
    ) -> Sequence[Contact]:
        async with connection(self._pool) as conn:
            if kind is Kind.SHARED:
                rows = await conn.fetch(_SHARED, domain, after, limit)
            else:
                rows = await conn.fetch(_PERSONAL if kind else _BOTH, domain, after, limit, owner)
        return [contact_of(row) for row in rows]

    async def contact(self, domain: DomainId, contact: int) -> tuple[BookId, Contact] | None:
        return next(iter(await self.find(domain, [contact])), None)

    async def find(self, domain: DomainId, contacts: Collection[int]) -> Sequence[tuple[BookId, Contact]]:
        async with connection(self._pool) as conn:
            rows = await conn.fetch(_SOME, domain, list(contacts))
        return [(BookId(row["book_id"]), contact_of(row)) for row in rows]

    async def trash(
        self, domain: DomainId, book: BookId, before: tuple[datetime, int] | None, limit: int
    ) -> Sequence[Contact]:
        at, contact = before or (None, 0)
        async with connection(self._pool) as conn:
            rows = await conn.fetch(_TRASH, domain, book, at, contact, limit)
        return [contact_of(row) for row in rows]

    async def changes(self, domain: DomainId, book: BookId, since: int, limit: int) -> BookChanges:
        async with transaction(self._pool, snapshot=True) as conn:
            row = await conn.fetchrow(_BOOK, domain, book)
            if row is None or row["rev"] <= since:
                return BookChanges(rev=row["rev"] if row else 0)
            if since < row["forgotten_rev"]:
                return BookChanges(rev=row["rev"], too_old=True)
            contacts = await conn.fetch(_CONTACTS_SINCE, domain, book, since, limit)
            favourites = await conn.fetch(_FAVOURITES_SINCE, domain, book, since, limit)
            overlays = await conn.fetch(_OVERLAYS_SINCE, domain, book, since, limit)
        # Of each kind no more than `limit` were read: it goes as far as the first of them that was cut off.
        cuts = [rows[-1]["rev"] for rows in (contacts, favourites, overlays) if len(rows) == limit]
        upto = min([row["rev"], *cuts])
        return BookChanges(
            rev=upto,
            contacts=[told(contact_of(each)) for each in contacts if each["rev"] <= upto],
            favourites=[favourite_of(each) for each in favourites if each["rev"] <= upto],
            overlays=[overlay_of(each) for each in overlays if each["rev"] <= upto],
            more=upto < row["rev"],
        )

    async def own_book(self, domain: DomainId, user: UserId) -> OwnBook:
        async with transaction(self._pool, snapshot=True) as conn:
            favourites = await conn.fetch(_FAVOURITES, domain, user)
            overlays = await conn.fetch(_OVERLAYS, domain, user)
            position = await _position_in(conn, domain, user)
        return OwnBook([favourite_of(row) for row in favourites], [overlay_of(row) for row in overlays], position)

    async def numbers(self, domain: DomainId, viewer: UserId, e164: str, digits: str) -> Sequence[NumberMatch]:
        async with connection(self._pool) as conn:
            rows = await conn.fetch(NUMBERS, domain, viewer, e164.lstrip("+") or digits, digits)
            contacts = await conn.fetch(_SOME, domain, [row["contact_id"] for row in rows if row["contact_id"]])
            users = [row["user_id"] for row in rows if row["user_id"]]
            people = await conn.fetch(f"{_PEOPLE} AND u.user_id = ANY($2)", domain, users)
            overlays = await conn.fetch(_OVERLAYS, domain, viewer)
        return matches_of(
            e164,
            digits,
            [contact_of(row) for row in contacts],
            [entry_of(row).coworker for row in people],
            {row["coworker_id"]: overlay_of(row) for row in overlays},
        )

    # ------------------------------------------------------------ changing contacts

    async def add(self, domain: DomainId, doing: Doing, contacts: Sequence[ContactFields], most: int) -> Changed:
        async with connection(self._pool) as conn:
            last = await take_ids(conn, domain, len(contacts))
        first = last - len(contacts) + 1
        async with transaction(self._pool) as conn:
            book = await open_book_in_tx(conn, domain, doing.book)
            added = await add_in_tx(conn, domain, doing, book, dict(enumerate(contacts, first)), most)
            await note_in_tx(conn, domain, doing, "contacts.added", [each.contact for each in added])
            await book.close_in_tx(conn)
        return Changed(since=book.since, rev=book.rev, done=added)

    async def change(self, domain: DomainId, doing: Doing, changes: Mapping[Seen, ContactFields]) -> Changed:
        async with changing(self._pool) as conn:
            found = await locked_in_tx(conn, domain, doing.book, [seen.contact for seen in changes])
            book = await open_book_in_tx(conn, domain, doing.book)
            fit, left, missing = _sorted_out(found, list(changes), wants_deleted=False)
            given = {seen.contact: fields for seen, fields in changes.items() if seen.contact in fit}
            done = await change_in_tx(conn, domain, doing, book, given)
            if doing.book == SHARED_BOOK or doing.operator:
                await note_in_tx(conn, domain, doing, "contacts.changed", fit)
            await book.close_in_tx(conn)
        return Changed(since=book.since, rev=book.rev, done=done, left=left, missing=missing)

    async def delete(self, domain: DomainId, doing: Doing, contacts: Sequence[Seen]) -> Changed:
        async with changing(self._pool) as conn:
            found = await locked_in_tx(conn, domain, doing.book, [seen.contact for seen in contacts])
            book = await open_book_in_tx(conn, domain, doing.book)
            fit, left, missing = _sorted_out(found, contacts, wants_deleted=False)
            done = await move_in_tx(conn, domain, doing, book, fit, doing.at)
            await note_in_tx(conn, domain, doing, "contacts.deleted", fit)
            await book.close_in_tx(conn)
        return Changed(since=book.since, rev=book.rev, done=done, left=left, missing=missing)

    async def restore(self, domain: DomainId, doing: Doing, contacts: Sequence[int], most: int) -> Changed:
        async with changing(self._pool) as conn:
            found = await locked_in_tx(conn, domain, doing.book, contacts)
            book = await open_book_in_tx(conn, domain, doing.book)
            fit, left, missing = _sorted_out(found, [Seen(each) for each in contacts], wants_deleted=True)
            if book.contacts + len(fit) > most:
                raise BookFull(most)
            done = await move_in_tx(conn, domain, doing, book, fit, None)
            await note_in_tx(conn, domain, doing, "contacts.restored", fit)
            await book.close_in_tx(conn)
        return Changed(since=book.since, rev=book.rev, done=done, left=left, missing=missing)

    async def domains_with_trash(self, before: datetime) -> Sequence[DomainId]:
        async with connection(self._pool) as conn:
            return [row["domain_id"] for row in await conn.fetch(_DOMAINS_WITH_TRASH, before)]

    async def empty_trash(self, domain: DomainId, before: datetime, most: int) -> int:
        async with connection(self._pool) as conn:
            books = [row["book_id"] for row in await conn.fetch(_BOOKS_WITH_TRASH, domain, before)]
        forgotten = 0
        for book_id in books:
            async with transaction(self._pool) as conn:
                rows = await conn.fetch(_FORGET, domain, book_id, before, most - forgotten)
                book = await open_book_in_tx(conn, domain, BookId(book_id))
                await conn.execute(_FORGET_STARS_ON, domain, [row["contact_id"] for row in rows])
                book.forget(max((row["rev"] for row in rows), default=0))
                await book.close_in_tx(conn)
            forgotten += len(rows)
            if forgotten >= most:
                break
        return forgotten

    # ------------------------------------------------------------ stars and overlays

    async def star(self, domain: DomainId, doing: Doing, kind: TargetKind, target: int, on: bool, most: int) -> Changed:
        key = (domain, doing.user, KIND_IN_TABLE[kind], target)
        async with transaction(self._pool) as conn:
            book = await open_book_in_tx(conn, domain, book_of(doing.user))
            if bool(await conn.fetchval(_IS_STARRED, *key)) != on:
                if on and await conn.fetchval(_COUNT_STARS, domain, doing.user) >= most:
                    raise TooManyFavourites(most)
                [rev] = book.take(1)
                await conn.execute(_STAR if on else _UNSTAR, *key, rev)
            await book.close_in_tx(conn)
        return Changed(since=book.since, rev=book.rev)

    async def overlay(self, domain: DomainId, user: UserId, coworker: UserId) -> Overlay | None:
        async with connection(self._pool) as conn:
            row = await conn.fetchrow(_OVERLAY, domain, user, coworker)
        return overlay_of(row) if row else None

    async def set_overlay(self, domain: DomainId, doing: Doing, overlay: Overlay) -> tuple[Changed, Overlay] | None:
        async with transaction(self._pool) as conn:
            book = await open_book_in_tx(conn, domain, book_of(doing.user))
            row = await conn.fetchrow(_OVERLAY, domain, doing.user, overlay.coworker)
            # One that was removed is as good as none.
            known = {0, row["rev"]} if row is not None and row["gone"] else {row["rev"] if row is not None else 0}
            if overlay.rev not in known:
                return None
            [rev] = book.take(1)
            await conn.execute(
                _SET_OVERLAY, domain, doing.user, overlay.coworker, *_overlay_columns(overlay, rev, doing)
            )
            await book.close_in_tx(conn)
            saved = await conn.fetchrow(_OVERLAY, domain, doing.user, overlay.coworker)
        assert saved is not None
        return Changed(since=book.since, rev=book.rev), overlay_of(saved)


def _sorted_out(
    found: Mapping[int, Contact], seen: Sequence[Seen], *, wants_deleted: bool
) -> tuple[list[int], list[Contact], list[int]]:
    """Those that fit, those that are otherwise by now, and those that there are not."""
    fit: list[int] = []
    left: list[Contact] = []
    missing: list[int] = []
    for each in seen:
        contact = found.get(each.contact)
        if contact is None:
            missing.append(each.contact)
        elif (contact.deleted_at is not None) == wants_deleted and each.rev in (None, contact.rev):
            fit.append(each.contact)
        else:
            left.append(contact)
    return fit, left, missing


def _overlay_columns(overlay: Overlay, rev: int, doing: Doing) -> tuple[object, ...]:
    return (
        overlay.first_name,
        overlay.last_name,
        to_builtins(overlay.numbers),
        to_builtins(overlay.emails),
        overlay.notes,
        "" if overlay.gone else overlay_text(overlay),
        rev,
        overlay.gone,
        doing.at,
    )


async def _position_in(conn: Connection, domain: DomainId, user: UserId) -> ContactsPosition:
    """Nothing is kept of books in which nobody has changed anything yet."""
    rows = await conn.fetch(_REVS, domain, [SHARED_BOOK, user])
    revs = {row["book_id"]: row["rev"] for row in rows}
    return ContactsPosition(shared=revs.get(SHARED_BOOK, 0), own=revs.get(user, 0))


def _known(value: Any, domain: DomainId) -> Any:
    if value is None:
        raise NotFound(f"There is no domain {domain}")
    return value
