"""What a query for users means to whoever asks. Pure."""

from accounts.model import AccountStatus
from accounts.permissions import Permission, bounds_of
from accounts.profiles.model import ListedUser, UserPlace, UserSort, UsersWanted
from wire.accounts import UsersPage, UsersQuery, UserSummary
from wire.cursors import WrongCursor, decode_cursor, encode_cursor
from wire.errors import Invalid, NotAllowed
from wire.identity import Caller, DomainId, Extension, Scope

_MOST_ID = 2**31


def wanted_of(caller: Caller, query: UsersQuery) -> UsersWanted:
    """Raises `NotAllowed` for who manages nobody, `Invalid` for an unknown scope, `WrongCursor`."""
    within = bounds_of(caller, Permission.SEE_PROFILE)
    if within is None:
        raise NotAllowed("You manage nobody")
    return UsersWanted(
        within=within,
        search=query.search,
        site=query.site,
        department=query.department,
        scope=_scope(query.scope),
        status=None if query.status is None else AccountStatus(query.status),
        sort=UserSort(query.sort),
        descending=query.descending,
        after=_place(query.after),
        limit=query.limit,
    )


def page_of(domain: DomainId, users: list[ListedUser], limit: int) -> UsersPage:
    """`users`: one more than the page holds, if there are more."""
    items = [_summary(domain, user) for user in users[:limit]]
    more = len(users) > limit
    return UsersPage(items=items, next=encode_cursor(users[limit - 1].place) if more else None)


def _scope(name: str | None) -> Scope | None:
    if name is None:
        return None
    try:
        return Scope[name.upper()]
    except KeyError as error:
        raise Invalid("There is no such scope", field="scope") from error


def _place(cursor: str | None) -> UserPlace | None:
    if cursor is None:
        return None
    place = decode_cursor(cursor, UserPlace)
    if not 0 <= place.user < _MOST_ID or "\0" in place.key:
        raise WrongCursor
    return place


def _summary(domain: DomainId, user: ListedUser) -> UserSummary:
    return UserSummary(
        user=user.place.user,
        rev=user.rev,
        extension=Extension(user.extension),
        login=f"{user.login_name}@{domain}",
        first_name=user.first_name,
        last_name=user.last_name,
        department=user.department,
        site=user.site or "",
        scope=user.scope.name.lower(),
        status=user.status.value,
        disabled=user.disabled,
    )
