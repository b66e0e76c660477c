"""What a change of an account comes to, and what differs. Pure."""

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import UNSET

from accounts.importing import scope_named
from accounts.model import Account
from accounts.permissions import Permission, may
from accounts.users.errors import NotYoursToAdminister
from accounts.users.model import NewUser
from wire.administration import AccountChange, AccountState
from wire.errors import Invalid
from wire.identity import Caller
from wire.records import Coworker

_IDENTITY = ("login_name", "caller_id", "emergency_caller_id", "sso_account")
_KEPT = ("scope", "disabled", *_IDENTITY)


def change_of(caller: Caller, before: Account, change: AccountChange) -> Account:
    """The account as it is to be. Raises `NotYoursToAdminister` and `Invalid` with the field."""
    given = {name: value for name, value in msgspec.structs.asdict(change).items() if value is not UNSET}
    if "login_name" in given:
        given["login_name"] = given["login_name"].lower()
    if "scope" in given:
        given["scope"] = _scope(given["scope"])
    after = msgspec.structs.replace(before, **given)
    for name in _IDENTITY:
        if getattr(after, name) != getattr(before, name) and not may(caller, Permission.CHANGE_IDENTITY, before.person):
            raise NotYoursToAdminister("This is changed by whoever runs the telephone system", name)
    if after.scope is not before.scope and not may(caller, Permission.ADMINISTER_USERS, after.person):
        raise NotYoursToAdminister("This scope is not yours to give", "scope")
    return after


def state_of(before: Account, after: Account) -> AccountState:
    return AccountState(
        user=after.user,
        extension=after.extension,
        login=after.login,
        scope=after.scope.name.lower(),
        status=after.status.value,
        disabled=after.disabled,
        caller_id=after.caller_id,
        emergency_caller_id=after.emergency_caller_id,
        sso_account=after.sso_account,
        changed=[name for name in _KEPT if getattr(before, name) != getattr(after, name)],
    )


def differing(there: Account, wanted: NewUser, given: Mapping[str, Any]) -> tuple[str, ...]:
    """Which of the fields that were given are not so of who is there."""
    return tuple(sorted(name for name in given if _of(there, name) != _wanted(wanted, name)))


def gone_entry(account: Account, rev: int) -> Coworker:
    """Of the directory, once the user is deleted."""
    return Coworker(user=account.user, rev=rev, extension=account.extension, gone=True)


def _of(there: Account, name: str) -> object:
    # Further addresses, which the user may have added since, do not make another user of it.
    return tuple(each.email for each in there.emails[:1]) if name == "email" else getattr(there, name)


def _wanted(wanted: NewUser, name: str) -> object:
    return wanted.emails if name == "email" else getattr(wanted, name)


def _scope(name: str) -> object:
    try:
        return scope_named(name)
    except ValueError as error:
        raise Invalid(str(error), field="scope") from error
