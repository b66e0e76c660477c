"""Contacts on the wire: what is kept of somebody, and bodies, queries and answers about it.

A *book* is what has one owner: the domain's shared contacts are one, each user's own contacts, favourites and overlays
another. Everything in a book carries as `rev` the book's revision at its own last change, so that one number tells old
from new, says from which version an edit was made, and says what somebody missed who was away.
"""

from enum import StrEnum
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from wire.http import Name, PageQuery
from wire.identity import Extension, UserId
from wire.records import LINE, LINES, Coworker, Instant

MOST_VALUES = 20
"""Numbers, e-mail addresses, postal addresses and tags of one contact: more is not a contact but a list."""
MOST_AT_ONCE = 500
"""Contacts in one bulk command."""

Rev = Annotated[int, Meta(ge=0, le=2**53 - 1)]
GivenContact = Annotated[int, Meta(ge=1, le=2**53 - 1)]
Line = Annotated[str, Meta(max_length=200, pattern=LINE)]
Notes = Annotated[str, Meta(max_length=8_000, pattern=LINES)]
Tag = Annotated[str, Meta(min_length=1, max_length=64, pattern=LINE)]


class Number(Struct, frozen=True, omit_defaults=True):
    """A telephone number as typed. Labels: work, mobile, home, fax, or anything.

    `e164`: the same as `+` and digits, as far as it can be read so; made by the server, whatever a client sends.
    """

    label: Name
    number: Annotated[str, Meta(min_length=1, max_length=64, pattern=LINE)]
    e164: Annotated[str, Meta(max_length=64, pattern=LINE)] = ""


class Email(Struct, frozen=True):
    """An e-mail address. Labels: work, home, or anything; empty is fine."""

    label: Name
    email: Annotated[str, Meta(min_length=1, max_length=254, pattern=LINE)]


class Address(Struct, frozen=True, omit_defaults=True):
    """A postal address. `street` may have several lines."""

    label: Name = ""
    street: Annotated[str, Meta(max_length=400, pattern=LINES)] = ""
    city: Line = ""
    region: Line = ""
    postal_code: Name = ""
    country: Line = ""


Numbers = Annotated[list[Number], Meta(max_length=MOST_VALUES)]
Emails = Annotated[list[Email], Meta(max_length=MOST_VALUES)]
Addresses = Annotated[list[Address], Meta(max_length=MOST_VALUES)]
Tags = Annotated[list[Tag], Meta(max_length=MOST_VALUES)]


class ContactFields(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What somebody may enter of a contact."""

    first_name: Line = ""
    middle_name: Line = ""
    last_name: Line = ""
    company: Line = ""
    department: Line = ""
    job_title: Line = ""
    numbers: Numbers = []
    emails: Emails = []
    addresses: Addresses = []
    notes: Notes = ""
    tags: Tags = []


class Contact(ContactFields, frozen=True, omit_defaults=True, kw_only=True):
    """A shared contact of the domain, or a personal one of the reader. `gone`: deleted, or emptied from the trash.

    `changed_by` is the user at the keyboard at the last change (0: an import from the command line, or not known).
    """

    contact: int
    rev: int
    shared: bool
    changed_at: Instant | None = None
    changed_by: int = 0
    deleted_at: Instant | None = None
    gone: bool = False


class NewContact(ContactFields, frozen=True, omit_defaults=True, kw_only=True, forbid_unknown_fields=True):
    """A shared contact needs a first and a last name; a personal one anything to know it by."""

    shared: bool = False


class ContactEdit(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Only what is present changes. `rev`: the revision that the edit was made from."""

    rev: Rev
    first_name: Line | UnsetType = UNSET
    middle_name: Line | UnsetType = UNSET
    last_name: Line | UnsetType = UNSET
    company: Line | UnsetType = UNSET
    department: Line | UnsetType = UNSET
    job_title: Line | UnsetType = UNSET
    numbers: Numbers | UnsetType = UNSET
    emails: Emails | UnsetType = UNSET
    addresses: Addresses | UnsetType = UNSET
    notes: Notes | UnsetType = UNSET
    tags: Tags | UnsetType = UNSET


class ContactConflict(Struct, frozen=True, kw_only=True):
    """Somebody else was faster: `current` is what there is now (`gone` if it was deleted), `yours` what you sent.

    `yours` is the contact as it would be if your edit were applied to `current`, so that sending it again with the
    revision of `current` is all there is to do if you are sure. Otherwise as a problem document.
    """

    title: str
    status: int
    code: str
    detail: str
    current: Contact
    yours: Contact


class ContactsPosition(Struct, frozen=True):
    """How far a client has come: the revision of the shared book and of the reader's own."""

    shared: Rev = 0
    own: Rev = 0


class ContactsQuery(PageQuery, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`kind`: `shared`, `personal`, or both if absent."""

    kind: Annotated[str, Meta(pattern=r"^(shared|personal)(?!\n)$")] | None = None
    limit: Annotated[int, Meta(ge=1, le=500)] = 50


class ContactsPage(Struct, frozen=True, kw_only=True):
    """Contacts by id. `position` is that of the first page: follow changes from there."""

    items: list[Contact]
    position: ContactsPosition
    next: str | None = None


class TrashPage(Struct, frozen=True, kw_only=True):
    """Deleted contacts, the last one first. `kept_days`: after that long they are gone for good."""

    items: list[Contact]
    kept_days: int
    next: str | None = None


class RevisionQuery(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`rev`: the revision that you look at; absent: whatever there is."""

    rev: Rev | None = None


class ContactAt(Struct, frozen=True, forbid_unknown_fields=True):
    """A contact as somebody looked at it."""

    contact: GivenContact
    rev: Rev


class ContactsAt(Struct, frozen=True, forbid_unknown_fields=True):
    contacts: Annotated[list[ContactAt], Meta(min_length=1, max_length=MOST_AT_ONCE)]


class ContactIds(Struct, frozen=True, forbid_unknown_fields=True):
    contacts: Annotated[list[GivenContact], Meta(min_length=1, max_length=MOST_AT_ONCE)]


class Tagging(Struct, frozen=True, forbid_unknown_fields=True):
    """Tags to put on and to take off; those that are (or are not) there already are fine."""

    contacts: Annotated[list[GivenContact], Meta(min_length=1, max_length=MOST_AT_ONCE)]
    add: Tags = []
    remove: Tags = []


class BulkDone(Struct, frozen=True, kw_only=True):
    """What became of each: `done` as they are now; `changed` by somebody else meanwhile and so left alone, as they are
    now; `missing`: not there, or not for you.
    """

    done: list[Contact]
    changed: list[Contact] = []
    missing: list[int] = []


class TargetKind(StrEnum):
    """What a star is on."""

    COWORKER = "coworker"
    CONTACT = "contact"


class Favourite(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A star. `gone`: taken off."""

    kind: TargetKind
    target: int
    rev: int
    gone: bool = False


class Overlay(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What the reader wrote down about a coworker, for the reader alone. Names replace those shown. `gone`: removed."""

    coworker: UserId
    rev: int
    first_name: Line = ""
    last_name: Line = ""
    numbers: Numbers = []
    emails: Emails = []
    notes: Notes = ""
    gone: bool = False


class OverlayEdit(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole overlay. `rev`: that of the one it was made from, 0 if there was none."""

    rev: Rev = 0
    first_name: Line = ""
    last_name: Line = ""
    numbers: Numbers = []
    emails: Emails = []
    notes: Notes = ""


class OverlayConflict(Struct, frozen=True, kw_only=True):
    """The overlay was changed in another client: `current` is what there is now, `yours` what you sent."""

    title: str
    status: int
    code: str
    detail: str
    current: Overlay
    yours: Overlay


class OwnThings(Struct, frozen=True, kw_only=True):
    """The reader's stars and overlays, whole. `position`: follow changes from there."""

    favourites: list[Favourite]
    overlays: list[Overlay]
    position: ContactsPosition


class ChangesQuery(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The position up to which the client knows everything."""

    shared: Rev = 0
    own: Rev = 0
    limit: Annotated[int, Meta(ge=1, le=500)] = 200


class ContactChanges(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What has changed since a position, oldest first. Afterwards the client is at `position`.

    `more`: ask again from there. `too_old`: what changed is no longer known (the trash was emptied): read afresh.
    """

    position: ContactsPosition
    contacts: list[Contact] = []
    favourites: list[Favourite] = []
    overlays: list[Overlay] = []
    more: bool = False
    too_old: bool = False


class LookupQuery(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A number as a telephone shows it, or an extension."""

    number: Annotated[str, Meta(min_length=1, max_length=64, pattern=LINE)]


class NumberMatch(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Somebody behind a number: a coworker or a contact. `label`: which of the numbers it is."""

    label: str
    number: str
    contact: Contact | None = None
    coworker: Coworker | None = None


class NumberFound(Struct, frozen=True, kw_only=True):
    """Whose number this is: the reader's own contacts and overlays first, then shared contacts, then coworkers."""

    e164: str
    matches: list[NumberMatch]


class PeopleQuery(PageQuery, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`group`: one of contacts/groups.py. `search`: every word must be found, without regard to accents and case.

    `status`: only coworkers of the group who are available, busy, offline, or unknown. `language` (as `sv` or `nb-NO`):
    whose alphabet orders the names; the same for all pages of a list.
    """

    group: Annotated[str, Meta(max_length=256, pattern=LINE)] = "all"
    status: Annotated[str, Meta(pattern=r"^(available|busy|offline|unknown)(?!\n)$")] | None = None
    search: Annotated[str, Meta(max_length=200, pattern=LINE)] = ""
    sort: Annotated[str, Meta(pattern=r"^(name|status|department|email|extension)(?!\n)$")] = "name"
    descending: bool = False
    language: Annotated[str, Meta(max_length=35, pattern=r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*(?!\n)$")] | None = None
    after: Annotated[str, Meta(max_length=4_096, pattern=LINE)] | None = None


class ListedPerson(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A coworker or a contact, with what the reader put on it."""

    coworker: Coworker | None = None
    contact: Contact | None = None
    overlay: Overlay | None = None
    favourite: bool = False


class PeoplePage(Struct, frozen=True, kw_only=True):
    """In the order that was asked for. `total`: how many there are in all pages (only told on the first)."""

    items: list[ListedPerson]
    total: int | None = None
    next: str | None = None


class GroupCount(Struct, frozen=True):
    group: str
    people: int


class GroupCounts(Struct, frozen=True):
    """All groups that the reader has, with how many are in each."""

    groups: list[GroupCount]


class AudioEntry(Struct, frozen=True, kw_only=True):
    """Somebody whom callers find by name. The keys are what one types on a telephone: 2 for a, b, c and so on."""

    user: UserId
    extension: Extension
    first_name: str
    last_name: str
    first_name_keys: str
    last_name_keys: str


class AudioDirectoryPage(Struct, frozen=True, kw_only=True):
    items: list[AudioEntry]
    next: str | None = None
