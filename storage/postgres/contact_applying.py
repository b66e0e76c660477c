"""The rows of an import on their way into a book, or back out of it, in one transaction.

Nearly all of it happens before the book is held: the new contacts are written, and seen by nobody, under revisions that
begin beyond those which others take meanwhile (`contact_book.py: BookAhead`). At the end the book is held for a moment,
to see what others have done since, and to make the revisions count.
"""

from collections.abc import AsyncIterator, Mapping, Sequence

import asyncpg
from msgspec import convert, to_builtins

from contacts.errors import BookFull
from contacts.imports.model import Progress
from contacts.imports.planning import name_of
from contacts.model import Doing
from storage.postgres.contact_book import Book, BookAhead
from storage.postgres.contact_changes import add_in_tx, change_in_tx, locked_in_tx, move_in_tx
from storage.postgres.pool import Connection
from wire.contacts import Contact, ContactFields
from wire.identity import DomainId
from wire.imports import RowOutcome

AT_ONCE = 500
"""Rows in one statement of an import."""

# Added by somebody after the rows were planned, and before this import began to add its own.
_SAME_NAMES = """
SELECT DISTINCT c.match_name FROM contacts c
WHERE c.domain_id = $1 AND c.book_id = $3 AND c.deleted_at IS NULL AND c.match_name = ANY($4) AND c.rev <= $5
    AND c.created_at > (SELECT i.read_at FROM contact_imports i WHERE i.domain_id = $1 AND i.import_id = $2)
"""
_TO_DO = """
SELECT row, outcome, target_id, target_rev, contact FROM contact_import_rows
WHERE domain_id = $1 AND import_id = $2 AND outcome = $3 AND row > $4 ORDER BY row LIMIT $5
"""
_DONE_CREATING = """
UPDATE contact_import_rows AS r SET target_id = given.contact, done_rev = given.rev
FROM unnest($3::int[], $4::bigint[], $5::bigint[]) AS given (row, contact, rev)
WHERE r.domain_id = $1 AND r.import_id = $2 AND r.row = given.row
"""
_DONE_UPDATING = """
UPDATE contact_import_rows AS r SET done_rev = given.rev, before = given.before
FROM jsonb_to_recordset($3) AS given (row int, rev bigint, before jsonb)
WHERE r.domain_id = $1 AND r.import_id = $2 AND r.row = given.row
"""
_LEAVE = "UPDATE contact_import_rows SET outcome = 'left' WHERE domain_id = $1 AND import_id = $2 AND row = ANY($3)"
_DONE = """
SELECT row, target_id, done_rev, before FROM contact_import_rows
WHERE domain_id = $1 AND import_id = $2 AND done_rev > 0 AND row > $3 ORDER BY row LIMIT $4
"""
_HOLD = """
SELECT count(*) FROM (
    SELECT FROM contact_import_rows r
    JOIN contacts c ON c.domain_id = r.domain_id AND c.contact_id = r.target_id
    WHERE r.domain_id = $1 AND r.import_id = $2 AND {} ORDER BY c.contact_id FOR UPDATE OF c
) held
"""
_HOLD_TARGETS = _HOLD.format("r.outcome = 'update'")
_HOLD_DONE = _HOLD.format("r.done_rev > 0")
# As _SAME_NAMES, of those who came while the rows were on their way.
_CAME_MEANWHILE = """
SELECT r.row, r.target_id FROM contacts c
JOIN contacts own ON own.domain_id = $1 AND own.book_id = $3 AND own.match_name = c.match_name AND own.rev > $5
JOIN contact_import_rows r ON r.domain_id = $1 AND r.import_id = $2 AND r.target_id = own.contact_id AND r.done_rev > 0
WHERE c.domain_id = $1 AND c.book_id = $3 AND c.deleted_at IS NULL AND c.rev > $4 AND c.rev <= $5 AND r.before IS NULL
    AND c.created_at > (SELECT i.read_at FROM contact_imports i WHERE i.domain_id = $1 AND i.import_id = $2)
"""
_TAKE_OUT = "DELETE FROM contacts WHERE domain_id = $1 AND contact_id = ANY($2)"
_LEAVE_AGAIN = """
UPDATE contact_import_rows SET outcome = 'left', target_id = 0, done_rev = 0
WHERE domain_id = $1 AND import_id = $2 AND row = ANY($3)
"""


class Applying:
    """`done`: the contacts that were changed."""

    def __init__(
        self, conn: Connection, domain: DomainId, import_id: str, doing: Doing, book: BookAhead, told: Progress
    ) -> None:
        self._conn = conn
        self._domain = domain
        self._key = (domain, import_id)
        self._doing = doing
        self._book = book
        self._told = told
        self._rows = 0
        self.done: list[int] = []

    async def apply(self, first: int, most: int) -> Book:
        """`first`: the first of the ids that were taken for new contacts. The book, held. Raises `BookFull`."""
        await self._create(first, most)
        await self._conn.fetchval(_HOLD_TARGETS, *self._key)
        await self._update()
        book = await self._book.join_in_tx(self._conn)
        await self._leave_who_came(book)
        if self.done and book.contacts > most:
            raise BookFull(most)
        return book

    async def undo(self) -> Book:
        """The book, held."""
        await self._conn.fetchval(_HOLD_DONE, *self._key)
        await self._take_back()
        return await self._book.join_in_tx(self._conn)

    async def _leave_who_came(self, book: Book) -> None:
        """Somebody has added the same while it was on its way."""
        since, upto = self._book.looked_at, book.since
        came = (
            await self._conn.fetch(_CAME_MEANWHILE, *self._key, self._doing.book, since, upto) if since < upto else []
        )
        if not came:
            return
        contacts = {row["target_id"] for row in came}
        await self._conn.execute(_TAKE_OUT, self._domain, list(contacts))
        await self._conn.execute(_LEAVE_AGAIN, *self._key, [row["row"] for row in came])
        book.contacts -= len(contacts)
        self.done = [contact for contact in self.done if contact not in contacts]

    async def _tell(self, rows: int) -> None:
        self._rows += rows
        await self._told(self._rows)

    async def _update(self) -> None:
        async for rows in self._pieces(RowOutcome.UPDATE):
            found = await self._locked([row["target_id"] for row in rows])
            fit = [row for row in rows if _is_as_planned(found.get(row["target_id"]), row["target_rev"])]
            await self._leave([row for row in rows if row not in fit])
            wanted = {row["target_id"]: convert(row["contact"], ContactFields) for row in fit}
            changed = await change_in_tx(self._conn, self._domain, self._doing, self._book, wanted)
            revs = {each.contact: each.rev for each in changed}
            done = [
                {
                    "row": row["row"],
                    "rev": revs[row["target_id"]],
                    "before": to_builtins(convert(to_builtins(found[row["target_id"]]), ContactFields)),
                }
                for row in fit
            ]
            await self._conn.execute(_DONE_UPDATING, *self._key, done)
            self.done += revs
            await self._tell(len(rows))

    async def _create(self, first: int, most: int) -> None:
        async for rows in self._pieces(RowOutcome.CREATE):
            fields = {row["row"]: convert(row["contact"], ContactFields) for row in rows}
            names = {row: name_of(each) for row, each in fields.items()}
            came = await self._conn.fetch(
                _SAME_NAMES, *self._key, self._doing.book, list(set(names.values())), self._book.since
            )
            taken = {row["match_name"] for row in came}
            await self._leave([row for row in rows if names[row["row"]] in taken])
            fit = [row["row"] for row in rows if names[row["row"]] not in taken]
            ids = dict(zip(fit, range(first, first + len(fit)), strict=True))
            first += len(fit)
            added = await add_in_tx(
                self._conn, self._domain, self._doing, self._book, {ids[row]: fields[row] for row in fit}, most
            )
            revs = {each.contact: each.rev for each in added}
            contacts = [ids[row] for row in fit]
            await self._conn.execute(_DONE_CREATING, *self._key, fit, contacts, [revs[each] for each in contacts])
            self.done += contacts
            await self._tell(len(rows))

    async def _take_back(self) -> None:
        after = 0
        while rows := await self._conn.fetch(_DONE, *self._key, after, AT_ONCE):
            after = rows[-1]["row"]
            found = await self._locked([row["target_id"] for row in rows])
            fit = [row for row in rows if _is_as_planned(found.get(row["target_id"]), row["done_rev"])]
            await self._leave([row for row in rows if row not in fit])
            back = {row["target_id"]: convert(row["before"], ContactFields) for row in fit if row["before"] is not None}
            await change_in_tx(self._conn, self._domain, self._doing, self._book, back)
            made = [row["target_id"] for row in fit if row["before"] is None]
            await move_in_tx(self._conn, self._domain, self._doing, self._book, made, self._doing.at)
            self.done += [*back, *made]
            await self._tell(len(rows))

    async def _pieces(self, outcome: RowOutcome) -> AsyncIterator[Sequence[asyncpg.Record]]:
        after = 0
        while rows := await self._conn.fetch(_TO_DO, *self._key, outcome.value, after, AT_ONCE):
            after = rows[-1]["row"]
            yield rows

    async def _locked(self, contacts: Sequence[int]) -> Mapping[int, Contact]:
        return await locked_in_tx(self._conn, self._domain, self._doing.book, contacts)

    async def _leave(self, rows: Sequence[asyncpg.Record]) -> None:
        if rows:
            await self._conn.execute(_LEAVE, *self._key, [row["row"] for row in rows])


def _is_as_planned(contact: Contact | None, rev: int) -> bool:
    return contact is not None and contact.deleted_at is None and contact.rev == rev
