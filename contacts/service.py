"""Contacts, stars and overlays: what may be done with them, and who is told. Lists of people: listing.py.

Every change of a book is announced after its commit with the revisions before and after it. Whoever finds that there is
a gap, because an announcement was lost or a change was too large to be told whole, asks for what is missing.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta

import msgspec
import structlog

from contacts.editing import applied, check_limits, cleaned, cleaned_overlay, contact_with, fields_of, required, tagged
from contacts.errors import ContactHasChanged, ContactNotFound, CoworkerNotFound, OverlayHasChanged
from contacts.model import SHARED_BOOK, BookChanges, BookId, Changed, Doing, Seen, book_of
from contacts.rights import ContactRights
from contacts.store import ContactStore
from wire.announce import Announcer
from wire.contacts import (
    BulkDone,
    Contact,
    ContactAt,
    ContactChanges,
    ContactEdit,
    ContactFields,
    ContactsPosition,
    Favourite,
    NewContact,
    Overlay,
    OverlayEdit,
    OwnThings,
    Tagging,
    TargetKind,
)
from wire.events import ContactsChanged
from wire.identity import Caller, DomainId, UserId
from wire.limits import LIMITS

TRASH_DAYS = 30
TOLD_AT_MOST = 100
"""Contacts in one announcement: a larger change is told as a gap, and read by whoever looks."""
MISSED_AT_MOST = 200
"""Changes of a book that are told at once to a client that comes back."""
_TAG_ATTEMPTS = 3

log = structlog.get_logger(__name__)


def now_utc() -> datetime:
    return datetime.now(UTC)


class ContactService:
    def __init__(
        self,
        store: ContactStore,
        announcer: Announcer,
        rights: ContactRights,
        clock: Callable[[], datetime] = now_utc,
    ) -> None:
        self._store = store
        self._announcer = announcer
        self._rights = rights
        self._clock = clock

    # ------------------------------------------------------------ one contact

    async def contact(self, caller: Caller, contact: int) -> Contact:
        _, found = await self._readable(caller, contact)
        if found.deleted_at is not None:
            raise ContactNotFound(contact)
        return found

    async def add(self, caller: Caller, new: NewContact) -> Contact:
        """Raises `NotYoursToManage`, `Invalid` with the field, `BookFull`."""
        book = self._rights.managed_book(caller, shared=new.shared)
        fields = await self._checked(caller, new, shared=new.shared)
        changed = await self._store.add(caller.domain, self._doing(caller, book), [fields], most_in(book))
        await self.tell(caller.domain, book, changed)
        return changed.done[0]

    async def edit(self, caller: Caller, contact: int, edit: ContactEdit) -> Contact:
        """Raises `ContactHasChanged` with both versions if it has another revision than the edit was made from."""
        book, found = await self._managed(caller, contact)
        wanted = await self._checked(caller, applied(found, edit), shared=found.shared)
        if found.rev != edit.rev or found.deleted_at is not None:
            raise ContactHasChanged(found, contact_with(found, wanted))
        if wanted == fields_of(found):
            return found
        seen = Seen(contact, edit.rev)
        changed = await self._store.change(caller.domain, self._doing(caller, book), {seen: wanted})
        await self.tell(caller.domain, book, changed)
        if changed.left:
            [current] = changed.left
            again = await self._checked(caller, applied(current, edit), shared=found.shared)
            raise ContactHasChanged(current, contact_with(current, again))
        if not changed.done:
            raise ContactNotFound(contact)
        return changed.done[0]

    async def delete(self, caller: Caller, contact: int, rev: int | None) -> Contact:
        """Into the trash; the contact as it lies there. Raises `ContactHasChanged` if it changed since `rev`."""
        book, _ = await self._managed(caller, contact)
        changed = await self._store.delete(caller.domain, self._doing(caller, book), [Seen(contact, rev)])
        await self.tell(caller.domain, book, changed)
        if changed.left:
            [current] = changed.left
            if current.deleted_at is not None:
                return current  # somebody else was faster, and wanted the same
            raise ContactHasChanged(current, current)
        if not changed.done:
            raise ContactNotFound(contact)
        return changed.done[0]

    # ------------------------------------------------------------ many contacts

    async def delete_many(self, caller: Caller, contacts: Sequence[ContactAt]) -> BulkDone:
        """Those that somebody changed since they were looked at stay, and are told."""
        return await self._in_books(
            caller,
            [each.contact for each in contacts],
            lambda doing, some: self._store.delete(
                caller.domain, doing, [Seen(each.contact, each.rev) for each in contacts if each.contact in some]
            ),
        )

    async def restore(self, caller: Caller, contacts: Sequence[int]) -> BulkDone:
        """Out of the trash. `changed` are those that were not in it (any more)."""
        return await self._in_books(
            caller,
            contacts,
            lambda doing, some: self._store.restore(caller.domain, doing, sorted(some), most_in(doing.book)),
        )

    async def tag(self, caller: Caller, tagging: Tagging) -> BulkDone:
        """Tags are put on and taken off whatever else happens to a contact meanwhile."""
        return await self._in_books(
            caller, tagging.contacts, lambda doing, some: self._tag(caller, doing, some, tagging)
        )

    async def _tag(self, caller: Caller, doing: Doing, some: set[int], tagging: Tagging) -> Changed:
        """Tries again those that somebody changed between the reading and the writing."""
        done: dict[int, Contact] = {}
        for _ in range(_TAG_ATTEMPTS):
            found = [each for _, each in await self._store.find(caller.domain, some - done.keys())]
            changes: dict[Seen, ContactFields] = {}
            for each in found:
                wanted = tagged(fields_of(each), tagging.add, tagging.remove)
                if each.deleted_at is None and wanted == fields_of(each):
                    done[each.contact] = each
                elif each.deleted_at is None:
                    check_limits(wanted)
                    changes[Seen(each.contact, each.rev)] = wanted
            if not changes:
                break
            changed = await self._store.change(caller.domain, doing, changes)
            # Each by itself: what others did in between is told by them, and must not seem to be in this.
            await self.tell(caller.domain, doing.book, changed)
            done |= {each.contact: each for each in changed.done}
        return Changed(since=0, rev=0, done=list(done.values()), missing=sorted(some - done.keys()))

    async def _in_books(
        self,
        caller: Caller,
        contacts: Sequence[int],
        change: Callable[[Doing, set[int]], Awaitable[Changed]],
    ) -> BulkDone:
        """Carries something out in the shared book and in the caller's own. Raises before anything is done."""
        found = {each.contact: book for book, each in await self._store.find(caller.domain, contacts)}
        ours = {contact: book for contact, book in found.items() if self._rights.may_read(caller, book)}
        books = sorted(set(ours.values()))
        for book in books:
            self._rights.managed_book(caller, shared=book == SHARED_BOOK)
        done: list[Contact] = []
        left: list[Contact] = []
        missing = [contact for contact in dict.fromkeys(contacts) if contact not in ours]
        for book in books:
            some = {contact for contact, of in ours.items() if of == book}
            changed = await change(self._doing(caller, book), some)
            await self.tell(caller.domain, book, changed)
            done += changed.done
            left += changed.left
            missing += changed.missing
        return BulkDone(done=done, changed=left, missing=sorted(missing))

    # ------------------------------------------------------------ stars and overlays

    async def star(self, caller: Caller, kind: TargetKind, target: int, *, on: bool) -> None:
        """A star comes off of anything. Raises `ContactNotFound` or `CoworkerNotFound` if there is nothing to see."""
        self._rights.managed_book(caller, shared=False)
        if on:
            await self._visible(caller, kind, target)
        book = book_of(caller.user)
        doing = self._doing(caller, book)
        changed = await self._store.star(caller.domain, doing, kind, target, on, LIMITS.favourites)
        favourite = Favourite(kind=kind, target=target, rev=changed.rev, gone=not on)
        await self.tell(caller.domain, book, changed, favourites=[favourite])

    async def overlay(self, caller: Caller, coworker: UserId) -> Overlay:
        await self._visible(caller, TargetKind.COWORKER, coworker)
        found = await self._store.overlay(caller.domain, caller.user, coworker)
        return found or Overlay(coworker=coworker, rev=0)

    async def set_overlay(self, caller: Caller, coworker: UserId, edit: OverlayEdit) -> Overlay:
        """Raises `OverlayHasChanged` with both versions. An empty overlay is removed."""
        self._rights.managed_book(caller, shared=False)
        await self._visible(caller, TargetKind.COWORKER, coworker)
        blank = Overlay(coworker=coworker, rev=edit.rev)
        country = await self._store.country(caller.domain)
        wanted = cleaned_overlay(blank, edit, country)
        if wanted == blank:
            wanted = msgspec.structs.replace(blank, gone=True)
        book = book_of(caller.user)
        saved = await self._store.set_overlay(caller.domain, self._doing(caller, book), wanted)
        if saved is None:
            current = await self._store.overlay(caller.domain, caller.user, coworker)
            raise OverlayHasChanged(current or Overlay(coworker=coworker, rev=0, gone=True), wanted)
        changed, overlay = saved
        await self.tell(caller.domain, book, changed, overlays=[overlay])
        return overlay

    async def own_things(self, caller: Caller) -> OwnThings:
        own = await self._store.own_book(caller.domain, caller.user)
        return OwnThings(favourites=list(own.favourites), overlays=list(own.overlays), position=own.position)

    # ------------------------------------------------------------ what somebody missed

    async def positions(self, caller: Caller) -> ContactsPosition:
        return await self._store.positions(caller.domain, caller.user)

    async def changes(self, caller: Caller, since: ContactsPosition, limit: int) -> ContactChanges:
        """What has changed in both books since a position."""
        shared = await self._changes_of(caller, SHARED_BOOK, since.shared, limit)
        own = await self._changes_of(caller, book_of(caller.user), since.own, limit)
        return ContactChanges(
            position=ContactsPosition(shared=max(shared.rev, since.shared), own=max(own.rev, since.own)),
            contacts=[*shared.contacts, *own.contacts],
            favourites=list(own.favourites),
            overlays=list(own.overlays),
            more=shared.more or own.more,
            too_old=shared.too_old or own.too_old,
        )

    async def missed(
        self, caller: Caller, since: ContactsPosition | None, upto: ContactsPosition
    ) -> list[ContactsChanged]:
        """For a client that connects: what it missed until `upto`, at least, if that is not too much."""
        if since is None:
            return []
        events = []
        for book, was, now in (
            (SHARED_BOOK, since.shared, upto.shared),
            (book_of(caller.user), since.own, upto.own),
        ):
            if was < now and now - was <= MISSED_AT_MOST:
                news = await self._changes_of(caller, book, was, MISSED_AT_MOST)
                if not news.more and not news.too_old:
                    events.append(_event(book, was, news.rev, news.contacts, news.favourites, news.overlays))
        return events

    async def _changes_of(self, caller: Caller, book: BookId, since: int, limit: int) -> BookChanges:
        if not self._rights.may_read(caller, book):
            return BookChanges(rev=since)
        return await self._store.changes(caller.domain, book, since, limit)

    # ------------------------------------------------------------ the trash

    async def empty_trash(self, at_once: int = 1_000) -> int:
        """Forgets for good what was deleted more than `TRASH_DAYS` ago; how many contacts that were. Nobody is told."""
        before = self._clock() - timedelta(days=TRASH_DAYS)
        forgotten = 0
        for domain in await self._store.domains_with_trash(before):
            while some := await self._store.empty_trash(domain, before, at_once):
                forgotten += some
        if forgotten:
            log.info("trash_emptied", contacts=forgotten)
        return forgotten

    # ------------------------------------------------------------ inside

    async def tell(
        self,
        domain: DomainId,
        book: BookId,
        changed: Changed,
        *,
        favourites: Sequence[Favourite] = (),
        overlays: Sequence[Overlay] = (),
    ) -> None:
        """After the commit."""
        if changed.rev <= changed.since:
            return
        done = [each for each in changed.done if each.rev > changed.since]
        # Each change took one revision: what is not all here is told as a gap.
        is_whole = len(done) + len(favourites) + len(overlays) == changed.rev - changed.since
        if len(done) > TOLD_AT_MOST or not is_whole:
            event = _event(book, changed.rev, changed.rev)
        else:
            event = _event(book, changed.since, changed.rev, [told(each) for each in done], favourites, overlays)
        await self._announcer.announce(domain, event, None if book == SHARED_BOOK else [UserId(book)])

    def _doing(self, caller: Caller, book: BookId) -> Doing:
        return Doing.by(caller, book, self._clock())

    async def _checked(self, caller: Caller, fields: ContactFields, *, shared: bool) -> ContactFields:
        checked = cleaned(fields, await self._store.country(caller.domain))
        required(checked, shared=shared)
        return checked

    async def _readable(self, caller: Caller, contact: int) -> tuple[BookId, Contact]:
        found = await self._store.contact(caller.domain, contact)
        if found is None or not self._rights.may_read(caller, found[0]):
            raise ContactNotFound(contact)
        return found

    async def _managed(self, caller: Caller, contact: int) -> tuple[BookId, Contact]:
        book, found = await self._readable(caller, contact)
        self._rights.managed_book(caller, shared=found.shared)
        return book, found

    async def _visible(self, caller: Caller, kind: TargetKind, target: int) -> None:
        if kind is TargetKind.CONTACT:
            await self.contact(caller, target)
            return
        entry = await self._store.coworker(caller.domain, UserId(target))
        if entry is None or not self._rights.sees(caller, entry):
            raise CoworkerNotFound(target)


def most_in(book: BookId) -> int:
    return LIMITS.shared_contacts if book == SHARED_BOOK else LIMITS.own_contacts


def told(contact: Contact) -> Contact:
    """As changes are told: of a deleted contact only that it is gone."""
    if contact.deleted_at is None:
        return contact
    return Contact(contact=contact.contact, rev=contact.rev, shared=contact.shared, gone=True)


def _event(
    book: BookId,
    since: int,
    rev: int,
    contacts: Sequence[Contact] = (),
    favourites: Sequence[Favourite] = (),
    overlays: Sequence[Overlay] = (),
) -> ContactsChanged:
    return ContactsChanged(
        shared=book == SHARED_BOOK,
        since=since,
        rev=rev,
        contacts=list(contacts),
        favourites=list(favourites),
        overlays=list(overlays),
    )
