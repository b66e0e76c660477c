"""The structs of contacts, beside the records of `wire/`."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import NewType

from msgspec import Struct

from wire.contacts import Contact, ContactsPosition, Favourite, Overlay
from wire.identity import Caller, Scope, UserId
from wire.limits import LIMITS
from wire.records import Coworker

BookId = NewType("BookId", int)
"""Whose contacts: `SHARED_BOOK`, or the owner's user id."""

SHARED_BOOK = BookId(0)

CONTACT_BYTES = 262_144
"""A contact at all its limits, in a script that JSON writes with six letters for one."""


def book_of(user: UserId) -> BookId:
    return BookId(user)


class Kind(StrEnum):
    SHARED = "shared"
    PERSONAL = "personal"


class DirectoryEntry(Struct, frozen=True):
    """A coworker with what decides who sees an unlisted one."""

    coworker: Coworker
    scope: Scope
    site: str | None
    listed: bool


class FoundCoworkers(Struct, frozen=True):
    """Coworkers as they are at a revision of the directory or later; `missing` are not to be seen."""

    rev: int
    coworkers: list[Coworker]
    missing: list[UserId]


class Doing(Struct, frozen=True):
    """Who does something, when, from where and in which book. `operator`: the person at the keyboard, if masked."""

    book: BookId
    at: datetime
    user: UserId
    operator: UserId | None = None
    address: str = ""

    @classmethod
    def by(cls, caller: Caller, book: BookId, at: datetime) -> "Doing":
        return cls(book, at, caller.user, caller.operator, caller.address)

    @property
    def hand(self) -> UserId:
        """Whose hand did it."""
        return self.operator or self.user


class Seen(Struct, frozen=True):
    """A contact as somebody looked at it; `rev` None: in whatever state it is."""

    contact: int
    rev: int | None = None


class Changed(Struct, frozen=True, kw_only=True):
    """What a change of a book came to. The book went from `since` to `rev`; both the same: nothing changed.

    `left` were changed by somebody else meanwhile, and are as they were.
    """

    since: int
    rev: int
    done: Sequence[Contact] = ()
    left: Sequence[Contact] = ()
    missing: Sequence[int] = ()


class BookChanges(Struct, frozen=True, kw_only=True):
    """What happened in a book after a revision, in the order of revisions, up to `rev`.

    `more`: that was not all. `too_old`: deletions after the revision are no longer known.
    """

    rev: int
    contacts: Sequence[Contact] = ()
    favourites: Sequence[Favourite] = ()
    overlays: Sequence[Overlay] = ()
    more: bool = False
    too_old: bool = False


class Overview(Struct, frozen=True):
    """What a client that connects is told of people: where they are, and how many.

    `people`: coworkers and contacts; not counted much further than `LIMITS.listed_people`.
    """

    directory_rev: int
    people: int
    position: ContactsPosition

    @property
    def lists_everybody(self) -> bool:
        """Whether there are so few that a client may have all of them."""
        return self.people <= LIMITS.listed_people


class OwnBook(Struct, frozen=True):
    """A user's stars and overlays, and the positions that they were read at."""

    favourites: Sequence[Favourite]
    overlays: Sequence[Overlay]
    position: ContactsPosition
