"""A list of users as a file: what each row means, and which of them can be made. Pure.

A CSV file with a header. `extension` and `first_name` are needed; other columns that are known: login_name, last_name,
department, site, job_title, email, scope, time_zone, language, caller_id, emergency_caller_id, area_code,
list_in_directory, announce_in_directory. Names of columns are taken without regard to case, spaces and dashes.
"""

import csv
import io
import re
from collections.abc import Collection, Mapping
from enum import StrEnum

from msgspec import Struct

from accounts.profiles.values import checked_language, checked_name, checked_zone
from wire.errors import Invalid
from wire.identity import Scope
from words.languages import LANGUAGES

MOST_ROWS = 50_000
_MOST_EMAIL = 254
_MOST_PLAIN = 32
_EXTENSION = re.compile(r"[0-9]{1,16}")
_LOGIN = re.compile(r"[^\s@:/]{1,64}")
_EMAIL = re.compile(r"[^\s@<>]{1,64}@[^\s@<>]+\.[^\s@<>]+")
_COLUMNS = (
    "extension", "login_name", "first_name", "last_name", "department", "site", "job_title", "email", "scope",
    "time_zone", "language", "caller_id", "emergency_caller_id", "area_code", "list_in_directory",
    "announce_in_directory",
)  # fmt: skip
_NO = frozenset({"no", "false", "0", "off"})
_YES = frozenset({"", "yes", "true", "1", "on"})


class UserOutcome(StrEnum):
    CREATE = "create"
    EXISTS = "exists"
    REFUSED = "refused"


class PlannedUser(Struct, frozen=True):
    """`fields`: as accounts.users.model.NewUser has them. `reason`: why it is not made, for which `field`."""

    line: int
    outcome: UserOutcome
    fields: dict[str, object]
    reason: str = ""
    field: str = ""


class _Fault(ValueError):
    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field


def plan_users(
    text: str, extensions: Collection[str], logins: Collection[str], sites: Collection[str]
) -> list[PlannedUser]:
    """What becomes of each row, given what there is. Raises ValueError, in words, if the header says nothing."""
    reader = csv.reader(io.StringIO(text, newline=""), _dialect(text))
    header = [re.sub(r"[\s_-]+", "_", name.strip().lower()) for name in next(reader, [])]
    if not {"extension", "first_name"} <= set(header):
        raise ValueError("the first line has to name the columns, among them extension and first_name")
    unknown = [name for name in header if name not in _COLUMNS]
    if unknown:
        raise ValueError(f"there is no column {unknown[0]!r}; there are {', '.join(_COLUMNS)}")
    taken, taken_logins = set(extensions), {each.lower() for each in logins}
    planned: list[PlannedUser] = []
    for cells in reader:
        if not any(cell.strip() for cell in cells):
            continue
        if len(planned) >= MOST_ROWS:
            raise ValueError(f"more than {MOST_ROWS:,} users in one file")
        row = dict(zip(header, (cell.strip() for cell in cells), strict=False))
        each = plan_row(reader.line_num, row, taken, taken_logins, sites)
        planned.append(each)
        if each.outcome is UserOutcome.CREATE:
            taken.add(str(each.fields["extension"]))
            taken_logins.add(str(each.fields["login_name"]))
    return planned


def _dialect(text: str) -> type[csv.Dialect]:
    class Divided(csv.excel):
        delimiter = max(",;\t", key=text.partition("\n")[0].count)

    return Divided


def plan_row(
    line: int, row: Mapping[str, str | bool], taken: Collection[str], logins: Collection[str], sites: Collection[str]
) -> PlannedUser:
    """What becomes of one row, given what there is: `row` as of the columns; what is yes or no may be a boolean."""
    extension = row.get("extension", "")
    if extension in taken:
        return PlannedUser(line, UserOutcome.EXISTS, {"extension": extension}, f"extension {extension} is taken")
    try:
        fields = _fields(
            {name: ("no", "yes")[value] if isinstance(value, bool) else value for name, value in row.items()}
        )
        if fields["login_name"] in logins:
            raise _Fault("login_name", f"login name {fields['login_name']} is taken")
        if fields["site"] is not None and fields["site"] not in sites:
            raise _Fault("site", f"there is no site {fields['site']}")
    except _Fault as fault:
        return PlannedUser(line, UserOutcome.REFUSED, dict(row), str(fault), fault.field)
    return PlannedUser(line, UserOutcome.CREATE, fields)


def _fields(row: dict[str, str]) -> dict[str, object]:
    extension = row.get("extension", "")
    if not _EXTENSION.fullmatch(extension):
        raise _Fault("extension", "an extension is made of digits, at most 16")
    login_name = (row.get("login_name") or extension).lower()
    if not _LOGIN.fullmatch(login_name):
        raise _Fault("login_name", "a login name has no spaces and no @")
    email = row.get("email", "")
    if email and not (_EMAIL.fullmatch(email) and len(email) <= _MOST_EMAIL):
        raise _Fault("email", f"{email[:_MOST_EMAIL]} is not an e-mail address")
    fields: dict[str, object] = {name: _name(row, name) for name in ("last_name", "department", "job_title")}
    fields |= {name: _plain(row, name) for name in ("caller_id", "emergency_caller_id", "area_code")}
    fields |= {name: _yes(row.get(name, ""), name) for name in ("list_in_directory", "announce_in_directory")}
    return fields | {
        "extension": extension,
        "login_name": login_name,
        "first_name": _name(row, "first_name"),
        "site": row.get("site") or None,
        "time_zone": _zone(row.get("time_zone", "")),
        "language": _language(row.get("language", "")),
        "emails": (email,) if email else (),
        "scope": _scope(row.get("scope", "")),
    }


def _name(row: dict[str, str], field: str) -> str:
    try:
        return checked_name(field, row.get(field, ""))
    except Invalid as invalid:
        raise _Fault(field, invalid.message[:1].lower() + invalid.message[1:]) from invalid


def _plain(row: dict[str, str], field: str) -> str:
    text = row.get(field, "")
    if len(text) > _MOST_PLAIN or not text.isprintable():
        raise _Fault(field, f"{field} is at most {_MOST_PLAIN} characters")
    return text


def _zone(text: str) -> str:
    try:
        return checked_zone(text) if text else ""
    except Invalid as invalid:
        raise _Fault("time_zone", f"there is no time zone {text[:64]}") from invalid


def _language(text: str) -> str:
    try:
        return checked_language(text.lower()) if text else ""
    except Invalid as invalid:
        raise _Fault("language", f"there is no language {text[:64]}; there are {', '.join(LANGUAGES)}") from invalid


def scope_named(text: str) -> Scope:
    """As people write it: `Office Manager`, `office-manager`. Raises ValueError."""
    name = re.sub(r"[\s-]+", "_", text.strip()).upper()
    if name not in Scope.__members__:
        raise ValueError(f"there is no scope {text[:32]}; there are {', '.join(each.name.lower() for each in Scope)}")
    return Scope[name]


def _scope(text: str) -> Scope:
    try:
        return scope_named(text) if text else Scope.BASIC_USER
    except ValueError as error:
        raise _Fault("scope", str(error)) from error


def _yes(text: str, name: str) -> bool:
    if text.lower() in _NO:
        return False
    if text.lower() in _YES:
        return True
    raise _Fault(name, f"{name} is yes or no")
