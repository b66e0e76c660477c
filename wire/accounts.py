"""What is asked and told of other users and of sites over HTTP: for those who manage them."""

from enum import StrEnum
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from wire.http import PageQuery, Profile
from wire.identity import Extension, UserId
from wire.records import LINE, Short

SiteName = Annotated[str, Meta(min_length=1, max_length=64, pattern=LINE)]
AreaCode = Annotated[str, Meta(max_length=8, pattern=r"^[0-9]*(?!\n)$")]


class UsersQuery(PageQuery, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Users whom the caller manages. `search`: beginnings of words of extension, name, site, department, e-mail.

    `scope` and `status` by their names. Sorted by `name`, `extension` or `department`.
    """

    search: Annotated[str, Meta(max_length=200, pattern=LINE)] = ""
    site: Short | None = None
    department: Short | None = None
    scope: Annotated[str, Meta(max_length=32, pattern=r"^[a-z_]+(?!\n)$")] | None = None
    status: Annotated[str, Meta(pattern=r"^(new|setup_required|password_required|standard)(?!\n)$")] | None = None
    sort: Annotated[str, Meta(pattern=r"^(name|extension|department)(?!\n)$")] = "name"
    descending: bool = False


class UserSummary(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A user in the list of those who manage. `rev` as of the profile."""

    user: UserId
    rev: int
    extension: Extension
    login: str
    first_name: str = ""
    last_name: str = ""
    department: str = ""
    site: str = ""
    scope: str
    status: str
    disabled: bool = False


class UsersPage(Struct, frozen=True, kw_only=True):
    items: list[UserSummary]
    next: str | None = None


class ProfileConflict(Struct, frozen=True, kw_only=True):
    """Somebody else was faster: `current` is the profile as it is now. Otherwise as a problem document."""

    title: str
    status: int
    code: str
    detail: str
    field: str
    current: Profile


class ResetPart(StrEnum):
    """What of a user a reset deletes."""

    PIN = "pin"
    CONTACTS = "contacts"
    """The user's own ones, with those in the trash and the files they came from."""
    FAVOURITES = "favourites"
    NOTES = "notes"
    """What the user wrote down about coworkers."""
    STATUS = "status"
    """Status message, Do Not Disturb, appearing offline."""
    NOTIFICATIONS = "notifications"
    """Mails about unread messages as they are at first; browsers are pushed nothing any more."""


class UserReset(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    what: Annotated[list[ResetPart], Meta(min_length=1, max_length=16)]


class AddressToConfirm(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    email: Annotated[str, Meta(min_length=3, max_length=254, pattern=LINE)]


class EmailToken(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`token`: what follows the `#` in a link that was mailed."""

    token: Annotated[str, Meta(min_length=1, max_length=512, pattern=LINE)]


class EmailConfirmation(Struct, frozen=True, kw_only=True):
    """Which address, and of whose login."""

    email: str
    login: str


class PhotoQuery(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`rev`: `photo` of the directory's entry or of the profile."""

    rev: Annotated[int, Meta(ge=1, le=2**53 - 1)]


class SiteSettings(Struct, frozen=True, kw_only=True):
    """A place within the domain, with the settings that users take over who are overwritten with them.

    `time_zone` empty: the domain's. `users`: how many are at it.
    """

    name: str
    time_zone: str
    area_code: str
    record_calls: bool
    list_in_directory: bool
    announce_in_directory: bool
    users: int


class SiteList(Struct, frozen=True, kw_only=True):
    """All sites of the domain, by name. `may_manage`: whether the reader may change them."""

    items: list[SiteSettings]
    may_manage: bool


class SiteEdit(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Only what is present changes, for everybody who follows the site. `name`: another name for it."""

    name: SiteName | UnsetType = UNSET
    time_zone: Short | UnsetType = UNSET
    area_code: AreaCode | UnsetType = UNSET
    record_calls: bool | UnsetType = UNSET
    list_in_directory: bool | UnsetType = UNSET
    announce_in_directory: bool | UnsetType = UNSET


class NewSite(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    name: SiteName
    time_zone: Short = ""
    area_code: AreaCode = ""
    record_calls: bool = False
    list_in_directory: bool = True
    announce_in_directory: bool = True
