"""What somebody sees of coworkers and contacts, page by page."""

import re
from collections.abc import Callable

from contacts.model import DirectoryEntry, Kind
from contacts.store import ContactStore
from wire.contacts import ContactsPage, ContactsQuery
from wire.errors import Invalid
from wire.http import DirectoryPage, PageQuery
from wire.identity import Caller, DomainId, Scope, UserId

MaySeeUnlisted = Callable[[Caller, UserId, Scope, str | None], bool]
"""Whether the caller is shown an unlisted user, by the user's id, scope and site (accounts/permissions.py)."""

_DIRECTORY_CURSOR = re.compile(r"([0-9]{1,18})-([0-9]{1,9})")
_CONTACTS_CURSOR = re.compile(r"[0-9]{1,18}")


class ContactService:
    def __init__(self, store: ContactStore, may_see_unlisted: MaySeeUnlisted) -> None:
        self._store = store
        self._may_see_unlisted = may_see_unlisted

    async def directory_rev(self, domain: DomainId) -> int:
        """The position that `directory_changed` events move on."""
        return await self._store.directory_rev(domain)

    async def directory_page(self, caller: Caller, query: PageQuery) -> DirectoryPage:
        """Coworkers whom the caller may see, by user id; a page may hold fewer than `limit` and still have a next one.

        All pages carry the revision of the first: it was read before any entry, so that events after it miss nothing.
        """
        rev, after = await self._directory_start(caller.domain, query.after)
        entries = await self._store.directory(caller.domain, after, query.limit + 1)
        page = entries[: query.limit]
        return DirectoryPage(
            rev=rev,
            items=[entry.coworker for entry in page if self._may_see(caller, entry)],
            next=f"{rev}-{page[-1].coworker.user}" if len(entries) > query.limit else None,
        )

    async def contacts_page(self, caller: Caller, query: ContactsQuery) -> ContactsPage:
        """Shared contacts and the caller's own, by contact id."""
        kind = Kind(query.kind) if query.kind else None
        after = _contacts_start(query.after)
        contacts = await self._store.contacts(caller.domain, caller.user, kind, after, query.limit + 1)
        page = list(contacts[: query.limit])
        return ContactsPage(items=page, next=str(page[-1].contact) if len(contacts) > query.limit else None)

    def _may_see(self, caller: Caller, entry: DirectoryEntry) -> bool:
        return entry.listed or self._may_see_unlisted(caller, entry.coworker.user, entry.scope, entry.site)

    async def _directory_start(self, domain: DomainId, cursor: str | None) -> tuple[int, UserId]:
        if cursor is None:
            return await self._store.directory_rev(domain), UserId(0)
        match = _DIRECTORY_CURSOR.fullmatch(cursor)
        if match is None:
            raise _wrong_cursor()
        return int(match[1]), UserId(int(match[2]))


def _contacts_start(cursor: str | None) -> int:
    if cursor is None:
        return 0
    if not _CONTACTS_CURSOR.fullmatch(cursor):
        raise _wrong_cursor()
    return int(cursor)


def _wrong_cursor() -> Invalid:
    return Invalid("This is not the `next` of an earlier page", field="after")
