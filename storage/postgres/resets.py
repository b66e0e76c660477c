"""Reset User in PostgreSQL. Books of contacts keep counting, so that no client takes what it has for the newest."""

from collections.abc import Collection, Sequence

from accounts.model import Account, AuditLine, EndedSession
from contacts.model import BookId
from storage.postgres.accounts import account_in_tx, add_audit_in_tx, end_sessions_in_tx
from storage.postgres.contact_book import open_book_in_tx
from storage.postgres.pool import Connection, Pool, connection, transaction
from wire.accounts import ResetPart
from wire.identity import DomainId, UserId

# The user's row before everything else of the user's.
_LOCK_USER = "SELECT user_id FROM users WHERE domain_id = $1 AND user_id = $2 FOR UPDATE"
_IN_BOOK = {
    ResetPart.CONTACTS: (
        "DELETE FROM contacts WHERE domain_id = $1 AND owner_id = $2",
        "DELETE FROM contact_imports WHERE domain_id = $1 AND book_id = $2",
    ),
    ResetPart.FAVOURITES: ("DELETE FROM favourites WHERE domain_id = $1 AND user_id = $2",),
    ResetPart.NOTES: ("DELETE FROM contact_overlays WHERE domain_id = $1 AND user_id = $2",),
}
_ELSEWHERE = {
    ResetPart.PIN: (
        "UPDATE users SET pin_hash = NULL, profile_rev = profile_rev + 1 WHERE domain_id = $1 AND user_id = $2",
    ),
    ResetPart.NOTIFICATIONS: (
        "DELETE FROM notification_settings WHERE domain_id = $1 AND user_id = $2",
        "DELETE FROM push_subscriptions WHERE domain_id = $1 AND user_id = $2",
    ),
}


class PostgresResetStore:
    """See `accounts.resets.store.ResetStore`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def account(self, domain: DomainId, user: UserId) -> Account | None:
        async with connection(self._pool) as conn:
            return await account_in_tx(conn, domain, user)

    async def reset(
        self, domain: DomainId, user: UserId, parts: Collection[ResetPart], audit: AuditLine
    ) -> Sequence[EndedSession]:
        async with transaction(self._pool) as conn:
            await conn.execute(_LOCK_USER, domain, user)
            for part in parts & _ELSEWHERE.keys():
                for statement in _ELSEWHERE[part]:
                    await conn.execute(statement, domain, user)
            await _empty_book_in_tx(conn, domain, user, [part for part in _IN_BOOK if part in parts])
            ended = await end_sessions_in_tx(conn, domain, user)
            await add_audit_in_tx(conn, domain, audit)
        return ended


async def _empty_book_in_tx(conn: Connection, domain: DomainId, user: UserId, parts: Sequence[ResetPart]) -> None:
    if not parts:
        return
    book = await open_book_in_tx(conn, domain, BookId(user))
    for part in parts:
        for statement in _IN_BOOK[part]:
            await conn.execute(statement, domain, user)
    if ResetPart.CONTACTS in parts:
        book.contacts = 0
    [rev] = book.take(1)
    book.forget(rev)
    await book.close_in_tx(conn)
