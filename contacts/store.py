"""What contacts need kept. Every method raises `wire.errors.Unavailable` if the store does not answer."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from contacts.model import BookChanges, BookId, Changed, DirectoryEntry, Doing, Kind, Overview, OwnBook, Seen
from contacts.people import PeopleWanted, PersonAt
from wire.contacts import Contact, ContactFields, ContactsPosition, NumberMatch, Overlay, TargetKind
from wire.identity import DomainId, Extension, UserId


class ContactStore(Protocol):
    """Changes of a book happen one after the other; each takes the book's next revisions, all or nothing."""

    # ------------------------------------------------------------ the directory

    async def overview(self, domain: DomainId, user: UserId) -> Overview:
        """Raises `NotFound` for an unknown domain."""

    async def directory_rev(self, domain: DomainId) -> int:
        """Grows with every change that coworkers can see. Raises `NotFound` for an unknown domain."""

    async def directory(self, domain: DomainId, after: UserId, limit: int) -> Sequence[DirectoryEntry]:
        """People with a higher id than `after`, in the order of ids; unlisted ones too, so look before you tell."""

    async def coworker(self, domain: DomainId, user: UserId) -> DirectoryEntry | None: ...

    async def coworker_at(self, domain: DomainId, extension: Extension) -> DirectoryEntry | None: ...

    async def announced(self, domain: DomainId, after: UserId, limit: int) -> Sequence[DirectoryEntry]:
        """Those whom callers may find by name (Announce in Audio Directory), by id."""

    # ------------------------------------------------------------ reading contacts

    async def country(self, domain: DomainId) -> str:
        """How numbers without a country code are read."""

    async def positions(self, domain: DomainId, user: UserId) -> ContactsPosition: ...

    async def contacts(
        self, domain: DomainId, owner: UserId, kind: Kind | None, after: int, limit: int
    ) -> Sequence[Contact]:
        """Shared contacts and the owner's own (or one kind of them) with a higher id than `after`, in that order."""

    async def contact(self, domain: DomainId, contact: int) -> tuple[BookId, Contact] | None:
        """With the book it is in; deleted ones too, with `deleted_at`, as long as they are in the trash."""

    async def find(self, domain: DomainId, contacts: Collection[int]) -> Sequence[tuple[BookId, Contact]]:
        """Those of them that there are; deleted ones too."""

    async def trash(
        self, domain: DomainId, book: BookId, before: tuple[datetime, int] | None, limit: int
    ) -> Sequence[Contact]:
        """Deleted contacts, the last one first; `before`: after this one."""

    async def changes(self, domain: DomainId, book: BookId, since: int, limit: int) -> BookChanges: ...

    async def own_book(self, domain: DomainId, user: UserId) -> OwnBook: ...

    async def numbers(self, domain: DomainId, viewer: UserId, e164: str, digits: str) -> Sequence[NumberMatch]:
        """Whom the viewer has under a number; unlisted coworkers too."""

    # ------------------------------------------------------------ changing contacts

    async def add(self, domain: DomainId, doing: Doing, contacts: Sequence[ContactFields], most: int) -> Changed:
        """Raises `BookFull` if there would be more than `most`."""

    async def change(self, domain: DomainId, doing: Doing, changes: Mapping[Seen, ContactFields]) -> Changed:
        """New contents for contacts as they were seen; those that have another revision now are left alone."""

    async def delete(self, domain: DomainId, doing: Doing, contacts: Sequence[Seen]) -> Changed: ...

    async def restore(self, domain: DomainId, doing: Doing, contacts: Sequence[int], most: int) -> Changed:
        """Back from the trash. Raises `BookFull`."""

    async def domains_with_trash(self, before: datetime) -> Sequence[DomainId]:
        """Domains that have contacts which were deleted before a time."""

    async def empty_trash(self, domain: DomainId, before: datetime, most: int) -> int:
        """Forgets at most `most` contacts for good that were deleted before a time; how many it were."""

    # ------------------------------------------------------------ stars and overlays

    async def star(self, domain: DomainId, doing: Doing, kind: TargetKind, target: int, on: bool, most: int) -> Changed:
        """Nothing changes if it is so already. Raises `TooManyFavourites`."""

    async def overlay(self, domain: DomainId, user: UserId, coworker: UserId) -> Overlay | None: ...

    async def set_overlay(self, domain: DomainId, doing: Doing, overlay: Overlay) -> tuple[Changed, Overlay] | None:
        """`overlay.rev` is the revision it was made from (0: none): None, and nothing is changed, if it is another."""


class PeopleStore(Protocol):
    """Lists of coworkers and contacts together, in an order, by an index."""

    async def people(self, domain: DomainId, wanted: PeopleWanted) -> Sequence[PersonAt]:
        """In order, with the place of each, from which a next page goes on."""

    async def count(self, domain: DomainId, wanted: PeopleWanted) -> int: ...

    async def visible(self, domain: DomainId, wanted: PeopleWanted) -> Sequence[UserId]:
        """Ids of all coworkers in the list."""

    async def unlisted(self, domain: DomainId) -> Sequence[DirectoryEntry]:
        """Everybody whose List in Directory is off."""

    async def coworkers(self, domain: DomainId, users: Sequence[UserId]) -> Mapping[UserId, DirectoryEntry]:
        """Those of them that there are; unlisted ones too."""

    async def group_sizes(self, domain: DomainId, wanted: PeopleWanted) -> Mapping[str, int]:
        """How many there are of each kind, and in each department and site."""
