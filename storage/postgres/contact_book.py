"""A book of contacts while it is being changed: its revisions, how many there are, what is no longer told."""

from contacts.model import BookId
from storage.postgres.pool import Connection
from wire.identity import DomainId

_OPEN = """
INSERT INTO contact_books (domain_id, book_id) VALUES ($1, $2)
ON CONFLICT (domain_id, book_id) DO UPDATE SET rev = contact_books.rev
RETURNING rev, contacts, forgotten_rev
"""
_CLOSE = "UPDATE contact_books SET rev = $3, contacts = $4, forgotten_rev = $5 WHERE domain_id = $1 AND book_id = $2"


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
