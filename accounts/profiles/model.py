"""The structs of profiles: sites, and which users a list is to show."""

from enum import StrEnum

from msgspec import Struct

from accounts.model import AccountStatus
from accounts.permissions import Bounds
from wire.identity import Scope, UserId


class SiteDefaults(Struct, frozen=True, kw_only=True):
    """What users take over who are overwritten with the defaults of their site. `time_zone` empty: the domain's."""

    time_zone: str = ""
    area_code: str = ""
    record_calls: bool = False
    list_in_directory: bool = True
    announce_in_directory: bool = True


class Site(SiteDefaults, frozen=True, kw_only=True):
    name: str
    users: int = 0
    """How many users there are at it."""

    @property
    def defaults(self) -> SiteDefaults:
        names = SiteDefaults.__struct_fields__
        return SiteDefaults(**{name: getattr(self, name) for name in names})


class UserSort(StrEnum):
    NAME = "name"
    EXTENSION = "extension"
    DEPARTMENT = "department"


class UserPlace(Struct, frozen=True, array_like=True):
    """Where in a list somebody stands."""

    key: str
    user: UserId


class UsersWanted(Struct, frozen=True, kw_only=True):
    """Users of a domain within bounds, filtered and in an order, after a place. `search`: as somebody typed it."""

    within: Bounds
    search: str = ""
    site: str | None = None
    department: str | None = None
    scope: Scope | None = None
    status: AccountStatus | None = None
    sort: UserSort = UserSort.NAME
    descending: bool = False
    after: UserPlace | None = None
    limit: int = 50


class ListedUser(Struct, frozen=True, kw_only=True):
    """As much of a user as a list shows, and the place in it."""

    place: UserPlace
    rev: int
    extension: str
    login_name: str
    first_name: str
    last_name: str
    department: str
    site: str | None
    scope: Scope
    status: AccountStatus
    disabled: bool
