"""A list of users as a file: what each row means, and which of them can be made. Pure.

A CSV file with a header. `extension` and `first_name` are needed; other columns that are known: login_name, last_name,
department, site, job_title, email, scope, time_zone, caller_id, emergency_caller_id, area_code, list_in_directory,
announce_in_directory. Names of columns are taken without regard to case, spaces and dashes.
"""

import csv
import io
import re
from collections.abc import Collection
from enum import StrEnum

from msgspec import Struct

from accounts.profiles.values import clean_name
from wire.identity import Scope

MOST_ROWS = 50_000
_EXTENSION = re.compile(r"[0-9]{1,16}")
_LOGIN = re.compile(r"[^\s@:/]{1,64}")
_EMAIL = re.compile(r"[^\s@<>]{1,64}@[^\s@<>]+\.[^\s@<>]+")
_COLUMNS = (
    "extension", "login_name", "first_name", "last_name", "department", "site", "job_title", "email", "scope",
    "time_zone", "caller_id", "emergency_caller_id", "area_code", "list_in_directory", "announce_in_directory",
)  # fmt: skip
_NO = frozenset({"no", "false", "0", "off"})
_YES = frozenset({"", "yes", "true", "1", "on"})


class UserOutcome(StrEnum):
    CREATE = "create"
    EXISTS = "exists"
    REFUSED = "refused"


class PlannedUser(Struct, frozen=True):
    """`fields`: as storage.postgres.provisioning.NewUser has them. `reason`: why it is not made."""

    line: int
    outcome: UserOutcome
    fields: dict[str, object]
    reason: str = ""


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
    line: int, row: dict[str, str], taken: Collection[str], logins: Collection[str], sites: Collection[str]
) -> PlannedUser:
    """What becomes of one row, given what there is: `fields` as of the columns, all of them text."""
    extension = row.get("extension", "")
    if extension in taken:
        return PlannedUser(line, UserOutcome.EXISTS, {"extension": extension}, f"extension {extension} is taken")
    try:
        fields = _fields(row)
        if fields["login_name"] in logins:
            raise ValueError(f"login name {fields['login_name']} is taken")
        if fields["site"] is not None and fields["site"] not in sites:
            raise ValueError(f"there is no site {fields['site']}")
    except ValueError as error:
        return PlannedUser(line, UserOutcome.REFUSED, dict(row), str(error))
    return PlannedUser(line, UserOutcome.CREATE, fields)


def _fields(row: dict[str, str]) -> dict[str, object]:
    extension = row.get("extension", "")
    if not _EXTENSION.fullmatch(extension):
        raise ValueError("an extension is made of digits, at most 16")
    first_name = clean_name(row.get("first_name", ""))
    if not first_name:
        raise ValueError("a first name is needed")
    login_name = (row.get("login_name") or extension).lower()
    if not _LOGIN.fullmatch(login_name):
        raise ValueError("a login name has no spaces and no @")
    email = row.get("email", "")
    if email and not _EMAIL.fullmatch(email):
        raise ValueError(f"{email} is not an e-mail address")
    names = ("last_name", "department", "job_title")
    plain = ("time_zone", "caller_id", "emergency_caller_id", "area_code")
    fields: dict[str, object] = {name: clean_name(row.get(name, "")) for name in names}
    fields |= {name: row.get(name, "") for name in plain}
    fields |= {name: _yes(row.get(name, ""), name) for name in ("list_in_directory", "announce_in_directory")}
    return fields | {
        "extension": extension,
        "login_name": login_name,
        "first_name": first_name,
        "site": row.get("site") or None,
        "emails": (email,) if email else (),
        "scope": _scope(row.get("scope", "")),
    }


def _scope(text: str) -> Scope:
    name = re.sub(r"[\s-]+", "_", text).upper() or Scope.BASIC_USER.name
    if name not in Scope.__members__:
        raise ValueError(f"there is no scope {text}; there are {', '.join(each.name.lower() for each in Scope)}")
    return Scope[name]


def _yes(text: str, name: str) -> bool:
    if text.lower() in _NO:
        return False
    if text.lower() in _YES:
        return True
    raise ValueError(f"{name} is yes or no")
