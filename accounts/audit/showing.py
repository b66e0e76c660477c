"""What of the audit is for whom, and how a file of it looks. Pure."""

import csv
import io
import re
from collections.abc import Iterable

import msgspec

from accounts.audit.model import AuditRecord, AuditWanted
from accounts.permissions import Permission, bounds_of, may
from wire.audit import AuditEntry, AuditFilters, AuditPage, AuditPerson, AuditQuery
from wire.cursors import WrongCursor, decode_cursor, encode_cursor
from wire.identity import Caller

COLUMNS = (
    *("id", "at", "action", "user", "user_name", "operator", "operator_name"),
    *("target", "target_name", "address", "before", "after", "key"),
)
_ADDRESSES = frozenset({"emails", "email"})
_FORMULA = re.compile(r"'*[=+\-@＝＋－＠\t\r\n]")


def wanted_of(caller: Caller, query: AuditQuery | AuditFilters, limit: int) -> AuditWanted | None:
    """None: nothing is for this caller. Raises `WrongCursor`."""
    within = bounds_of(caller, Permission.READ_AUDIT)
    if within is None:
        return None
    before = _before(query.after) if isinstance(query, AuditQuery) and query.after is not None else None
    return AuditWanted(
        within=within,
        user=query.user,
        action=query.action,
        since=query.since,
        until=query.until,
        before=before,
        limit=limit,
    )


def page_of(caller: Caller, records: list[AuditRecord], limit: int) -> AuditPage:
    """`records`: one more than the page holds, if there are more."""
    items = [shown(caller, record) for record in records[:limit]]
    return AuditPage(items=items, next=encode_cursor(items[-1].id) if len(records) > limit else None)


def shown(caller: Caller, record: AuditRecord) -> AuditEntry:
    """Without the addresses of whom the caller could take over by one."""
    hides = record.person is not None and record.person.user != caller.user
    hides = hides and not may(caller, Permission.MANAGE_EMAILS, record.person)
    return AuditEntry(
        id=record.id,
        at=record.at,
        action=record.action,
        by=record.by,
        operator=record.operator,
        target=record.target,
        person=record.concerned,
        address=record.address,
        key=record.key,
        before=_without_addresses(record.before) if hides else record.before,
        after=_without_addresses(record.after) if hides else record.after,
    )


def csv_of(entries: Iterable[AuditEntry], *, header: bool) -> bytes:
    """Rows of a CSV file; no cell is one that a spreadsheet would compute."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    if header:
        writer.writerow(COLUMNS)
    for entry in entries:
        writer.writerow([safe(cell) for cell in _cells(entry)])
    return out.getvalue().encode("utf-8", "replace")


def safe(cell: str) -> str:
    return "'" + cell if _FORMULA.match(cell) else cell


def _before(cursor: str) -> int:
    place = decode_cursor(cursor, int)
    if not 0 < place < 2**63:
        raise WrongCursor
    return place


def _without_addresses(fields: dict[str, object] | None) -> dict[str, object] | None:
    return None if fields is None else {name: value for name, value in fields.items() if name not in _ADDRESSES}


def _cells(entry: AuditEntry) -> list[str]:
    return [
        str(entry.id),
        entry.at.isoformat().replace("+00:00", "Z"),
        entry.action,
        *_person(entry.by),
        *_person(entry.operator),
        entry.target,
        entry.person.name if entry.person else "",
        entry.address,
        *("" if fields is None else msgspec.json.encode(fields).decode() for fields in (entry.before, entry.after)),
        entry.key,
    ]


def _person(person: AuditPerson | None) -> tuple[str, str]:
    return ("", "") if person is None else (str(person.user), person.name)
