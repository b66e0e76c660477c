"""A book of contacts while it is being changed: its revisions, how many there are, what is no longer told."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from contacts.errors import ContactsBusy
from contacts.model import BookId
from storage.postgres.pool import Connection, Pool, transaction
from wire.errors import Unavailable
from wire.identity import DomainId

_OPEN = """
INSERT INTO contact_books (domain_id, book_id) VALUES ($1, $2)
ON CONFLICT (domain_id, book_id) DO UPDATE SET rev = contact_books.rev
RETURNING rev, contacts, forgotten_rev
"""
_LOOK = "SELECT rev, contacts, forgotten_rev FROM contact_books WHERE domain_id = $1 AND book_id = $2"
_CLOSE = "UPDATE contact_books SET rev = $3, contacts = $4, forgotten_rev = $5 WHERE domain_id = $1 AND book_id = $2"

AHEAD = 1_000
"""Revisions that are left to others while a long change is being prepared."""
_WAIT = "SET LOCAL lock_timeout = '1s'"
"""Longer than any change holds a book; an import may hold single contacts for longer."""


class Overtaken(Exception):
    """Others have taken more revisions than were left to them: the change has to be prepared anew."""


class Book:
    """Held until the transaction ends. `since` is the revision that it was opened at."""

    def __init__(self, domain: DomainId, book: BookId, rev: int, contacts: int, forgotten_rev: int) -> None:
        self._key = (domain, book)
        self._was = (rev, contacts, forgotten_rev)
        self._forgotten_rev = forgotten_rev
        self.since = self.rev = rev
        self.contacts = contacts

    def take(self, count: int) -> list[int]:
        """The next revisions."""
        first = self.rev + 1
        self.rev += count
        return list(range(first, self.rev + 1))

    def forget(self, rev: int) -> None:
        self._forgotten_rev = max(self._forgotten_rev, rev)

    async def close_in_tx(self, conn: Connection) -> None:
        now = (self.rev, self.contacts, self._forgotten_rev)
        if now != self._was:
            await conn.execute(_CLOSE, *self._key, *now)


async def open_book_in_tx(conn: Connection, domain: DomainId, book: BookId) -> Book:
    """Waits for whoever is changing the book; makes one that is not there yet."""
    row = await conn.fetchrow(_OPEN, domain, book)
    assert row is not None
    return Book(domain, book, row["rev"], row["contacts"], row["forgotten_rev"])


class BookAhead(Book):
    """A book that is not held yet: what takes its revisions is seen by nobody before it is joined with the book.

    `looked_at` is the revision at which it was looked at.
    """

    def __init__(self, domain: DomainId, book: BookId, rev: int, contacts: int) -> None:
        super().__init__(domain, book, rev + AHEAD, contacts, 0)
        self.looked_at = rev
        self._had = contacts

    async def join_in_tx(self, conn: Connection) -> Book:
        """The book, held, as others have left it and with what was prepared. Raises `Overtaken`."""
        book = await open_book_in_tx(conn, *self._key)
        if book.rev > self.since:
            raise Overtaken
        book.contacts += self.contacts - self._had
        if self.rev > self.since:
            book.rev = self.rev
        return book


async def book_ahead_in_tx(conn: Connection, domain: DomainId, book: BookId) -> BookAhead:
    row = await conn.fetchrow(_LOOK, domain, book)
    return BookAhead(domain, book, row["rev"], row["contacts"]) if row else BookAhead(domain, book, 0, 0)


@asynccontextmanager
async def changing(pool: Pool) -> AsyncIterator[Connection]:
    """A transaction for somebody who waits for it. Contacts are locked first, in the order of their ids, and then the
    book, so that an import, which holds contacts for longer, keeps from the book only those who want the same contacts.

    Raises `ContactsBusy` if they are held for longer than a moment.
    """
    try:
        async with transaction(pool) as conn:
            await conn.execute(_WAIT)
            yield conn
    except Unavailable as error:
        if isinstance(error.__cause__, asyncpg.LockNotAvailableError):
            raise ContactsBusy from error
        raise
