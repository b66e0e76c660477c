"""What an edit of a profile comes to: whether it may be done, what changes, and who will see it. Pure."""

from collections.abc import Mapping
from enum import Enum, auto

import msgspec
from msgspec import UNSET, Struct

from accounts.model import Account
from accounts.profiles.errors import FieldNotEditable
from accounts.profiles.fields import BY_NAME, FOLLOWING_SITE, may_edit
from accounts.profiles.model import Site
from accounts.profiles.showing import coworker_of
from accounts.profiles.values import check_pin, cleaned
from wire.errors import Invalid
from wire.http import ProfileEdit
from wire.identity import Caller

_FOR_THE_SITE = ("site", "overwrite_with_site_defaults")


class Visibility(Enum):
    """What an edit means for those who see the directory."""

    UNTOUCHED = auto()
    CHANGED = auto()
    """Listed before and after, and looks different now (or was not listed, and is)."""
    UNLISTED = auto()
    """Vanishes for everybody but the user and the managers."""
    CHANGED_UNLISTED = auto()
    """Looks different, to the few who see it."""


class ProfileChange(Struct, frozen=True, kw_only=True):
    """An edit that has been judged. `before` and `after` hold the changed fields, for the audit: of a PIN only that."""

    account: Account
    """As it will be, but for its revisions."""
    before: dict[str, object]
    after: dict[str, object]
    visibility: Visibility
    pin: str | None = None
    """A new one, in clear."""
    site: Site | None = None
    """By whose defaults the account was made."""


def needs_sites(account: Account, edit: ProfileEdit) -> bool:
    """Whether `plan_edit` has to know the sites of the domain."""
    return account.follows_site or edit.site is not UNSET or edit.overwrite_with_site_defaults is not UNSET


def plan_edit(
    caller: Caller, account: Account, edit: ProfileEdit, sites: Mapping[str, Site] | None = None
) -> ProfileChange | None:
    """What the edit changes; None if everything is as it says already. Raises `FieldNotEditable` and `Invalid`."""
    given = {name: value for name in BY_NAME if (value := getattr(edit, name, UNSET)) is not UNSET}
    # Where somebody is and whether that matters comes first: it decides what else can be said.
    _check_editable(caller, account, [name for name in given if name in _FOR_THE_SITE])
    placed = _changed(account, {name: given[name] for name in _FOR_THE_SITE if name in given})
    site = _site_of(placed, sites)
    _check_editable(caller, placed, [name for name in given if name not in _FOR_THE_SITE])
    pin = given.pop("pin", None)
    if isinstance(pin, str):
        check_pin(pin, account)
    after = _following(_changed(placed, given), site)
    return _change(caller, account, after, pin if isinstance(pin, str) else None, site)


def visibility_of(before: Account, after: Account) -> Visibility:
    if before.is_listed and not after.is_listed:
        return Visibility.UNLISTED
    looks_different = coworker_of(before) != coworker_of(after)
    if after.is_listed:
        return Visibility.CHANGED if looks_different or not before.is_listed else Visibility.UNTOUCHED
    return Visibility.CHANGED_UNLISTED if looks_different else Visibility.UNTOUCHED


def _check_editable(caller: Caller, account: Account, names: list[str]) -> None:
    for name in names:
        if not may_edit(caller, account, BY_NAME[name]):
            raise FieldNotEditable(name)


def _changed(account: Account, given: Mapping[str, object]) -> Account:
    wanted = {name: cleaned(name, value, account) for name, value in given.items()}
    return msgspec.structs.replace(account, **wanted)


def _site_of(account: Account, sites: Mapping[str, Site] | None) -> Site | None:
    if account.site is None or sites is None:
        return None
    if account.site not in sites:
        raise Invalid("There is no such site", field="site")
    return sites[account.site]


def _following(account: Account, site: Site | None) -> Account:
    """With the settings of the site, for who is to have them."""
    if site is None or not account.follows_site:
        return account
    return msgspec.structs.replace(account, **{name: getattr(site, name) for name in FOLLOWING_SITE})


def _change(
    caller: Caller, account: Account, after: Account, pin: str | None, site: Site | None
) -> ProfileChange | None:
    changed = [name for name in BY_NAME if name in Account.__struct_fields__ and _differs(account, after, name)]
    if not changed and pin is None:
        return None
    if account.user != caller.user and not account.has_pin and pin is None:
        raise Invalid("Set a voicemail PIN too: without one, nothing of this user can be saved", field="pin")
    was, now = ({name: _for_audit(getattr(each, name)) for name in changed} for each in (account, after))
    if pin is not None:
        was["pin"], now["pin"] = "set" if account.has_pin else "none", "set anew"
    return ProfileChange(
        account=after, before=was, after=now, visibility=visibility_of(account, after), pin=pin, site=site
    )


def _differs(before: Account, after: Account, name: str) -> bool:
    return bool(getattr(before, name) != getattr(after, name))


def _for_audit(value: object) -> object:
    return [each.email for each in value] if isinstance(value, tuple) else value
