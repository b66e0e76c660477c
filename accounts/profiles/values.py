"""Whether what somebody enters into a field of a profile is good, and what becomes of it. Pure."""

import re
import unicodedata
import zoneinfo
from functools import cache

from accounts.model import Account, Email
from accounts.passwords import problem_with_pin
from wire.errors import Invalid
from words.languages import LANGUAGES

_NAME_LENGTH = 64
_EMAIL = re.compile(r"""[^\s@<>()\[\]\\,;:"]{1,64}@[^\s@.<>()\[\]\\,;:"]+(?:\.[^\s@.<>()\[\]\\,;:"]+)+""")
_ZONE_SHAPE = re.compile(r"[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*")
_JOINERS = "\u200c\u200d"
"""Invisible, but part of how names are written in Persian and in Indian languages."""


def cleaned(field: str, value: object, account: Account) -> object:
    """The value as it is kept in the account. Raises `Invalid` with the field."""
    match field, value:
        case (("first_name" | "last_name" | "department" | "job_title"), str(name)):
            return checked_name(field, name)
        case "site", str(name):
            return clean_name(name) or None
        case "time_zone", str(zone):
            # The domain's own zone is shown where none was chosen: sending it back is not a choice.
            return account.time_zone if zone == (account.time_zone or account.domain_time_zone) else checked_zone(zone)
        case "language", str(language):
            return checked_language(language)
        case "emails", list(emails):
            return _checked_emails(emails, account)
        case _:
            return value


def check_pin(pin: str, account: Account) -> None:
    """Raises `Invalid`."""
    problem = problem_with_pin(pin, extension=account.extension)
    if problem is not None:
        raise Invalid(problem, field="pin")


def clean_name(name: str) -> str:
    """One line without invisible characters, composed: what looks the same is the same."""
    kept = "".join(
        " " if unicodedata.category(letter)[0] in "CZ" and letter not in _JOINERS else letter for letter in name
    )
    return unicodedata.normalize("NFC", " ".join(kept.split()))


def checked_name(field: str, name: str) -> str:
    line = clean_name(name)
    if len(line) > _NAME_LENGTH:
        raise Invalid(f"At most {_NAME_LENGTH} characters", field=field)
    if not line and field == "first_name":
        raise Invalid("A first name is needed", field=field)
    return line


def checked_zone(zone: str) -> str:
    known = _known_zones()
    # A machine may come without the database of time zones; then the shape has to do.
    if zone not in known if known else not _ZONE_SHAPE.fullmatch(zone):
        raise Invalid("There is no such time zone; they are named like Europe/Berlin", field="time_zone")
    return zone


def checked_language(language: str) -> str:
    if language not in LANGUAGES:
        raise Invalid(f"There is no such language; there are {', '.join(LANGUAGES)}", field="language")
    return language


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
