"""What an edit of a profile comes to: which fields may be changed, whether the input is good, who will see it. Pure."""

import re
import unicodedata
import zoneinfo
from enum import Enum, auto
from functools import cache

import msgspec
from msgspec import UNSET, Struct

from accounts.errors import FieldNotEditable
from accounts.model import Account, Email
from accounts.permissions import Permission, may
from wire.errors import Invalid
from wire.http import Profile, ProfileEdit
from wire.identity import Caller
from wire.records import Coworker

OWN_FIELDS = ("first_name", "last_name", "time_zone", "emails", "list_in_directory", "announce_in_directory")
"""What users change in their own profile; everything else they only see."""

FOLLOWING_SITE = frozenset({"time_zone", "area_code", "record_calls", "list_in_directory", "announce_in_directory"})
"""With "overwrite with site defaults" these are the site's, so that changing them by hand would not last."""

_NAME_LENGTH = 64
_EMAIL = re.compile(r"""[^\s@<>()\[\]\\,;:"]{1,64}@[^\s@.<>()\[\]\\,;:"]+(?:\.[^\s@.<>()\[\]\\,;:"]+)+""")
_ZONE_SHAPE = re.compile(r"[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*")
_JOINERS = "\u200c\u200d"
"""Invisible, but part of how names are written in Persian and in Indian languages."""


class Visibility(Enum):
    """What an edit means for those who see the directory."""

    UNTOUCHED = auto()
    CHANGED = auto()
    """Listed before and after, and looks different now (or was not listed, and is)."""
    UNLISTED = auto()
    """Vanishes for everybody but the user and the managers."""
    CHANGED_UNLISTED = auto()
    """Looks different, to the few who see it."""


class ProfileChange(Struct, frozen=True):
    """An edit that has been judged. `before` and `after` hold the changed fields, for the audit."""

    account: Account
    """As it will be, but for its revisions."""
    before: dict[str, object]
    after: dict[str, object]
    visibility: Visibility


def editable_fields(caller: Caller, account: Account) -> list[str]:
    """Which fields of the caller's own account the caller may change."""
    if account.user != caller.user or not may(caller, Permission.EDIT_OWN_PROFILE):
        return []
    follows_site = account.overwrite_with_site_defaults and account.site is not None
    return [field for field in OWN_FIELDS if not (follows_site and field in FOLLOWING_SITE)]


def plan_edit(caller: Caller, account: Account, edit: ProfileEdit) -> ProfileChange | None:
    """What the edit changes; None if everything is as it says already. Raises `FieldNotEditable` and `Invalid`."""
    given = {field: value for field in OWN_FIELDS if (value := getattr(edit, field)) is not UNSET}
    editable = editable_fields(caller, account)
    for field in given:
        if field not in editable:
            raise FieldNotEditable(field)
    wanted = {field: _cleaned(field, value, account) for field, value in given.items()}
    changed = {field: value for field, value in wanted.items() if value != getattr(account, field)}
    if not changed:
        return None
    after = msgspec.structs.replace(account, **changed)
    return ProfileChange(
        account=after,
        before={field: _for_audit(getattr(account, field)) for field in changed},
        after={field: _for_audit(value) for field, value in changed.items()},
        visibility=_visibility(account, after),
    )


def profile_of(caller: Caller, account: Account) -> Profile:
    """The profile as its owner reads it."""
    return Profile(
        user=account.user,
        rev=account.rev,
        extension=account.extension,
        login=account.login,
        first_name=account.first_name,
        last_name=account.last_name,
        department=account.department,
        site=account.site or "",
        job_title=account.job_title,
        time_zone=account.time_zone or account.domain_time_zone,
        caller_id=account.caller_id,
        emergency_caller_id=account.emergency_caller_id,
        area_code=account.area_code,
        emails=[each.email for each in account.emails],
        list_in_directory=account.list_in_directory,
        announce_in_directory=account.announce_in_directory,
        record_calls=account.record_calls,
        scope=account.scope.name.lower(),
        status=account.status.value,
        editable=editable_fields(caller, account),
    )


def coworker_of(account: Account) -> Coworker:
    """The entry in the directory. (storage/postgres/contacts.py makes the same from a row.)"""
    return Coworker(
        user=account.user,
        rev=account.directory_rev,
        extension=account.extension,
        first_name=account.first_name,
        last_name=account.last_name,
        department=account.department,
        site=account.site or "",
        job_title=account.job_title,
        email=account.emails[0].email if account.emails else "",
    )


def clean_name(name: str) -> str:
    """One line without invisible characters, composed: what looks the same is the same."""
    kept = "".join(
        " " if unicodedata.category(letter)[0] in "CZ" and letter not in _JOINERS else letter for letter in name
    )
    return unicodedata.normalize("NFC", " ".join(kept.split()))


def _visibility(before: Account, after: Account) -> Visibility:
    if before.is_listed and not after.is_listed:
        return Visibility.UNLISTED
    looks_different = coworker_of(before) != coworker_of(after)
    if after.is_listed:
        return Visibility.CHANGED if looks_different or not before.is_listed else Visibility.UNTOUCHED
    return Visibility.CHANGED_UNLISTED if looks_different else Visibility.UNTOUCHED


def _cleaned(field: str, value: object, account: Account) -> object:
    match field, value:
        case (("first_name" | "last_name"), str(name)):
            return _checked_name(field, name)
        case "time_zone", str(zone):
            # The domain's own zone is shown where none was chosen: sending it back is not a choice.
            return account.time_zone if zone == (account.time_zone or account.domain_time_zone) else _checked_zone(zone)
        case "emails", list(emails):
            return _checked_emails(emails, account)
        case _:
            return value


def _checked_name(field: str, name: str) -> str:
    cleaned = clean_name(name)
    if len(cleaned) > _NAME_LENGTH:
        raise Invalid(f"A name has at most {_NAME_LENGTH} characters", field=field)
    if not cleaned and field == "first_name":
        raise Invalid("A first name is needed", field=field)
    return cleaned


def _checked_zone(zone: str) -> str:
    known = _known_zones()
    # A machine may come without the database of time zones; then the shape has to do.
    if zone not in known if known else not _ZONE_SHAPE.fullmatch(zone):
        raise Invalid("There is no such time zone; they are named like Europe/Berlin", field="time_zone")
    return zone


@cache
def _known_zones() -> frozenset[str]:
    """Read from files once, since it takes tens of milliseconds."""
    return frozenset(zoneinfo.available_timezones())


def _checked_emails(emails: list[str], account: Account) -> tuple[Email, ...]:
    """An address that stays keeps its verification; a changed one has to be verified anew."""
    verified = {each.email for each in account.emails if each.verified}
    checked: list[Email] = []
    seen: set[str] = set()
    for position, given in enumerate(emails):
        address = unicodedata.normalize("NFC", given.strip())
        where = f"emails[{position}]"
        if not _EMAIL.fullmatch(address):
            raise Invalid("This is not an e-mail address", field=where)
        if address.casefold() in seen:
            raise Invalid("This address is given twice", field=where)
        seen.add(address.casefold())
        checked.append(Email(address, verified=address in verified))
    return tuple(checked)


def _for_audit(value: object) -> object:
    return [each.email for each in value] if isinstance(value, tuple) else value
