"""What somebody sees of coworkers and contacts, in lists and one by one by their number. Changes nothing."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Protocol

from msgspec.structs import replace

from contacts import groups
from contacts.dial_by_name import audio_entry
from contacts.errors import NotYoursToManage, WrongCursor
from contacts.model import SHARED_BOOK, FoundCoworkers, Kind, Overview, book_of
from contacts.people import PeopleWanted, PersonKind, Statuses, cursor_of, needs_statuses, wanted_of
from contacts.phone_numbers import normalise
from contacts.rights import ContactRights
from contacts.service import TRASH_DAYS
from contacts.store import ContactStore, PeopleStore
from wire.contacts import (
    AudioDirectoryPage,
    Contact,
    ContactsPage,
    ContactsPosition,
    ContactsQuery,
    GroupCount,
    GroupCounts,
    ListedPerson,
    NumberFound,
    PeoplePage,
    PeopleQuery,
    TargetKind,
    TrashPage,
)
from wire.errors import Invalid
from wire.http import DirectoryPage, PageQuery
from wire.identity import Caller, DomainId, UserId

_DIRECTORY_CURSOR = re.compile(r"([0-9]{1,18})-([0-9]{1,9})")
_CONTACTS_CURSOR = re.compile(r"([0-9]{1,18})-([0-9]{1,18})-([0-9]{1,18})")
_TRASH_CURSOR = re.compile(r"([0-9]{1,18})-([0-9]{1,18})")
_MICROSECOND = timedelta(microseconds=1)
_USER_CURSOR = re.compile(r"[0-9]{1,9}")


class StatusReader(Protocol):
    """Presence, as far as lists need it."""

    async def statuses(self, caller: Caller) -> Statuses:
        """The group by status of everybody whom the caller may see and who is not plainly offline."""


class PeopleLists:
    def __init__(self, store: ContactStore, people: PeopleStore, rights: ContactRights, statuses: StatusReader) -> None:
        self._store = store
        self._people = people
        self._rights = rights
        self._statuses = statuses

    # ------------------------------------------------------------ the directory

    async def overview(self, caller: Caller) -> Overview:
        return await self._store.overview(caller.domain, caller.user)

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
            items=[entry.coworker for entry in page if self._rights.sees(caller, entry)],
            next=f"{rev}-{page[-1].coworker.user}" if len(entries) > query.limit else None,
        )

    async def coworkers(self, caller: Caller, users: Sequence[UserId]) -> FoundCoworkers:
        """Those of them whom the caller may see, with a revision of the directory that is not newer than they are."""
        rev = await self._store.directory_rev(caller.domain)
        found = await self._people.coworkers(caller.domain, users)
        seen = {user: entry.coworker for user, entry in found.items() if self._rights.sees(caller, entry)}
        return FoundCoworkers(rev, list(seen.values()), [user for user in dict.fromkeys(users) if user not in seen])

    async def audio_directory(self, caller: Caller, query: PageQuery) -> AudioDirectoryPage:
        """Whom callers find by name: who wants to be announced, listed or not."""
        after = 0
        if query.after is not None:
            if not _USER_CURSOR.fullmatch(query.after):
                raise WrongCursor
            after = int(query.after)
        entries = await self._store.announced(caller.domain, UserId(after), query.limit + 1)
        page = entries[: query.limit]
        # Announcing somebody is for callers; who is not listed is not shown to coworkers by this way either.
        shown = [audio_entry(entry.coworker) for entry in page if self._rights.sees(caller, entry)]
        return AudioDirectoryPage(items=shown, next=str(page[-1].coworker.user) if len(entries) > query.limit else None)

    # ------------------------------------------------------------ contacts

    async def contacts_page(self, caller: Caller, query: ContactsQuery) -> ContactsPage:
        """Shared contacts and the caller's own, by contact id. All pages carry the position of the first."""
        position, after = await self._contacts_start(caller, query.after)
        kind = Kind(query.kind) if query.kind else None
        if not self._rights.may_read_shared(caller):
            if kind is Kind.SHARED:
                raise NotYoursToManage(shared=True)
            kind = Kind.PERSONAL
        contacts = await self._store.contacts(caller.domain, caller.user, kind, after, query.limit + 1)
        page = list(contacts[: query.limit])
        more = len(contacts) > query.limit
        following = f"{position.shared}-{position.own}-{page[-1].contact}" if more else None
        return ContactsPage(items=page, position=position, next=following)

    async def trash_page(self, caller: Caller, query: ContactsQuery) -> TrashPage:
        """Deleted contacts of one book: shared ones for those who manage them, else the caller's own."""
        book = self._rights.managed_book(caller, shared=query.kind == Kind.SHARED)
        before = _trash_start(query.after)
        contacts = await self._store.trash(caller.domain, book, before, query.limit + 1)
        page = list(contacts[: query.limit])
        following = _trash_cursor(page[-1]) if len(contacts) > query.limit else None
        return TrashPage(items=page, kept_days=TRASH_DAYS, next=following)

    async def lookup(self, caller: Caller, number: str) -> NumberFound:
        """Whom the caller knows under a number. Raises `Invalid` if there is no digit in it."""
        digits = "".join(letter for letter in number if letter in "0123456789")
        if not digits:
            raise Invalid("There is no digit in this number", field="number")
        e164 = normalise(number, await self._store.country(caller.domain))
        matches = await self._store.numbers(caller.domain, caller.user, e164, digits)
        shown = []
        for match in matches:
            if match.contact is not None:
                book = SHARED_BOOK if match.contact.shared else book_of(caller.user)
                if self._rights.may_read(caller, book):
                    shown.append(match)
            elif match.coworker is not None:
                entry = await self._store.coworker(caller.domain, match.coworker.user)
                if entry is not None and self._rights.sees(caller, entry):
                    shown.append(match)
        return NumberFound(e164=e164, matches=shown)

    # ------------------------------------------------------------ people: coworkers and contacts together

    def may_export_shared(self, caller: Caller) -> bool:
        """Reading shared contacts is for everybody; taking them along as a file is for who manages them."""
        return self._rights.may_manage_shared(caller)

    async def people_page(
        self, caller: Caller, query: PeopleQuery, *, with_total: bool = True, with_shared: bool = True
    ) -> PeoplePage:
        """A list of people, everybody but the caller, in the order that was asked for."""
        wanted = await self._wanted(caller, query, with_shared=with_shared)
        found = await self._people.people(caller.domain, _with_limit(wanted, query.limit + 1))
        page = found[: query.limit]
        coworkers = await self._people.coworkers(
            caller.domain, [UserId(each.id) for each in page if each.kind is PersonKind.COWORKER]
        )
        contacts = await self._store.find(caller.domain, [each.id for each in page if each.kind is PersonKind.CONTACT])
        own = await self._store.own_book(caller.domain, caller.user)
        overlays = {each.coworker: each for each in own.overlays}
        stars = {(each.kind, each.target) for each in own.favourites}
        by_id = {each.contact: each for _, each in contacts}
        items = []
        for each in page:
            if each.kind is PersonKind.COWORKER and each.id in coworkers:
                user = UserId(each.id)
                items.append(
                    ListedPerson(
                        coworker=coworkers[user].coworker,
                        overlay=overlays.get(user),
                        favourite=(TargetKind.COWORKER, user) in stars,
                    )
                )
            elif each.kind is PersonKind.CONTACT and each.id in by_id:
                items.append(ListedPerson(contact=by_id[each.id], favourite=(TargetKind.CONTACT, each.id) in stars))
        return PeoplePage(
            items=items,
            total=await self._people.count(caller.domain, wanted) if with_total and query.after is None else None,
            next=cursor_of(page[-1].place) if len(found) > query.limit else None,
        )

    async def group_counts(self, caller: Caller) -> GroupCounts:
        """Every group that the caller has, with its size; departments and sites by name."""
        wanted = await self._wanted(caller, PeopleQuery(group=groups.COWORKERS))
        sizes = dict(await self._people.group_sizes(caller.domain, wanted))
        if not self._rights.may_read_shared(caller):
            sizes.pop(groups.SHARED, None)
        visible = set(await self._people.visible(caller.domain, wanted))
        statuses = {user: group for user, group in (await self._statuses.statuses(caller)).items() if user in visible}
        for group in (groups.AVAILABLE, groups.BUSY, groups.UNKNOWN):
            sizes[group] = sum(1 for each in statuses.values() if each == group)
        sizes[groups.OFFLINE] = len(visible) - len(statuses)
        favourites = await self._wanted(caller, PeopleQuery(group=groups.FAVOURITES))
        sizes[groups.FAVOURITES] = await self._people.count(caller.domain, favourites)
        for group in (groups.SHARED, groups.MINE):
            sizes.setdefault(group, 0)
        sizes[groups.ALL] = sizes[groups.COWORKERS] + sizes[groups.SHARED] + sizes[groups.MINE]
        return GroupCounts([GroupCount(group, people) for group, people in sorted(sizes.items())])

    async def _wanted(self, caller: Caller, query: PeopleQuery, *, with_shared: bool = True) -> PeopleWanted:
        unlisted = [
            entry.coworker.user
            for entry in await self._people.unlisted(caller.domain)
            if self._rights.sees(caller, entry)
        ]
        statuses = await self._statuses.statuses(caller) if needs_statuses(query) else {}
        may_read_shared = with_shared and self._rights.may_read_shared(caller)
        return wanted_of(query, caller.user, unlisted, statuses, may_read_shared=may_read_shared)

    # ------------------------------------------------------------ cursors

    async def _directory_start(self, domain: DomainId, cursor: str | None) -> tuple[int, UserId]:
        if cursor is None:
            return await self._store.directory_rev(domain), UserId(0)
        match = _DIRECTORY_CURSOR.fullmatch(cursor)
        if match is None:
            raise WrongCursor
        return int(match[1]), UserId(int(match[2]))

    async def _contacts_start(self, caller: Caller, cursor: str | None) -> tuple[ContactsPosition, int]:
        if cursor is None:
            return await self._store.positions(caller.domain, caller.user), 0
        match = _CONTACTS_CURSOR.fullmatch(cursor)
        if match is None:
            raise WrongCursor
        return ContactsPosition(int(match[1]), int(match[2])), int(match[3])


def _with_limit(wanted: PeopleWanted, limit: int) -> PeopleWanted:
    return replace(wanted, limit=limit)


def _trash_cursor(contact: Contact) -> str:
    assert contact.deleted_at is not None
    microseconds = (contact.deleted_at - datetime(1970, 1, 1, tzinfo=UTC)) // _MICROSECOND
    return f"{microseconds}-{contact.contact}"


def _trash_start(cursor: str | None) -> tuple[datetime, int] | None:
    if cursor is None:
        return None
    match = _TRASH_CURSOR.fullmatch(cursor)
    if match is None:
        raise WrongCursor
    try:
        return datetime(1970, 1, 1, tzinfo=UTC) + int(match[1]) * _MICROSECOND, int(match[2])
    except OverflowError as error:
        raise WrongCursor from error
