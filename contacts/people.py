"""Which people a list shows, and in which order: what a query means, before any store is asked. Pure."""

import base64
from collections.abc import Collection, Mapping
from enum import IntEnum, StrEnum

import msgspec
from msgspec import Struct

from contacts import groups
from contacts.errors import WrongCursor
from contacts.ordering import Ordering, ordering_of
from contacts.searching import words_of
from wire.contacts import PeopleQuery
from wire.errors import Invalid
from wire.identity import UserId

Statuses = Mapping[UserId, str]
"""The group by status (contacts/groups.py) of everybody who is not plainly offline."""

_RANKS = {groups.AVAILABLE: 0, groups.BUSY: 1, groups.UNKNOWN: 2}
RANK_OFFLINE = 3


class SortBy(StrEnum):
    NAME = "name"
    STATUS = "status"
    DEPARTMENT = "department"
    EMAIL = "email"
    EXTENSION = "extension"


class PersonKind(IntEnum):
    """The order of those who are otherwise equal."""

    COWORKER = 0
    CONTACT = 1


class Place(Struct, frozen=True, array_like=True):
    """Where somebody stands in a list: what it is sorted by, the name, and what makes it unique."""

    key: str
    name: str
    kind: PersonKind
    id: int


class PersonAt(Struct, frozen=True):
    place: Place

    @property
    def kind(self) -> PersonKind:
        return self.place.kind

    @property
    def id(self) -> int:
        return self.place.id


class PeopleWanted(Struct, frozen=True, kw_only=True):
    """A list, decided: from which sources, which of them, in which order, from where.

    `only`: just these coworkers; `without`: not these. `unlisted`: which unlisted coworkers the viewer sees.
    `ranks`: of coworkers by status, for that order; who is not in it is offline.
    """

    viewer: UserId
    coworkers: bool = True
    shared: bool = True
    mine: bool = True
    favourites: bool = False
    department: str | None = None
    site: str | None = None
    only: tuple[UserId, ...] | None = None
    without: tuple[UserId, ...] = ()
    unlisted: tuple[UserId, ...] = ()
    words: tuple[str, ...] = ()
    sort: SortBy = SortBy.NAME
    descending: bool = False
    ordering: Ordering = Ordering.PLAIN
    ranks: Mapping[UserId, int] = {}
    after: Place | None = None
    limit: int = 50


def wanted_of(
    query: PeopleQuery, viewer: UserId, unlisted: Collection[UserId], statuses: Statuses, *, may_read_shared: bool
) -> PeopleWanted:
    """What the query means for this viewer. Raises `Invalid` for unknown groups and cursors."""
    base = PeopleWanted(
        viewer=viewer,
        shared=may_read_shared,
        without=(viewer,),
        unlisted=tuple(unlisted),
        words=words_of(query.search),
        sort=SortBy(query.sort),
        descending=query.descending,
        ordering=ordering_of(query.language or ""),
        ranks={user: _RANKS[group] for user, group in statuses.items() if group in _RANKS},
        after=parse_cursor(query.after),
        limit=query.limit,
    )
    wanted = _within_group(base, query.group, statuses)
    return _coworkers(wanted, query.status, statuses) if query.status else wanted


def needs_statuses(query: PeopleQuery) -> bool:
    return (
        bool(query.status)
        or query.sort == SortBy.STATUS
        or query.group
        in (
            groups.AVAILABLE,
            groups.BUSY,
            groups.OFFLINE,
            groups.UNKNOWN,
        )
    )


def cursor_of(place: Place) -> str:
    return base64.urlsafe_b64encode(msgspec.msgpack.encode(place)).decode("ascii").rstrip("=")


def parse_cursor(cursor: str | None) -> Place | None:
    if cursor is None:
        return None
    try:
        place = msgspec.msgpack.decode(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)), type=Place)
    except (ValueError, msgspec.DecodeError) as error:
        raise WrongCursor from error
    if not -(2**63) <= place.id < 2**63 or "\0" in place.key + place.name:
        raise WrongCursor
    return place


def _within_group(base: PeopleWanted, group: str, statuses: Statuses) -> PeopleWanted:
    kind, colon, name = group.partition(":")
    match kind, colon:
        case groups.ALL, "":
            return base
        case groups.FAVOURITES, "":
            return msgspec.structs.replace(base, favourites=True)
        case groups.SHARED, "":
            return msgspec.structs.replace(base, coworkers=False, mine=False)
        case groups.MINE, "":
            return msgspec.structs.replace(base, coworkers=False, shared=False)
        case ((groups.COWORKERS | groups.AVAILABLE | groups.BUSY | groups.OFFLINE | groups.UNKNOWN), ""):
            return _coworkers(base, group, statuses)
        case "department", ":" if name:
            return msgspec.structs.replace(base, shared=False, mine=False, department=name)
        case "site", ":" if name:
            return msgspec.structs.replace(base, shared=False, mine=False, site=name)
    raise Invalid("There is no such group", field="group")


def _coworkers(base: PeopleWanted, group: str, statuses: Statuses) -> PeopleWanted:
    """All coworkers of the list, or those of one status."""
    coworkers = msgspec.structs.replace(base, shared=False, mine=False)
    if group == groups.COWORKERS:
        return coworkers
    if group == groups.OFFLINE:
        # Everybody else is: there are too many to name.
        return msgspec.structs.replace(coworkers, without=(*base.without, *statuses))
    only = [user for user, each in statuses.items() if each == group]
    if base.only is not None:
        only = [user for user in base.only if user in set(only)]
    return msgspec.structs.replace(coworkers, only=tuple(only))
