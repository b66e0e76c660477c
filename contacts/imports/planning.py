"""What an import would do: row by row, against the contacts there are and the rows before. Pure.

Nothing that somebody has entered is ever taken away by an import. A row is the same person as a contact if it says so
(it was exported from here), or has the same name and an equal number or e-mail address, or has the same name and says
nothing that the contact does not. What it adds is added; where both say something else, a row that was exported from
here wins, and otherwise the contact stays as it is, and the preview says so.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

import msgspec
from msgspec import Struct

from contacts.codecs.model import Row
from contacts.editing import NAMES, cleaned, fields_of, required
from contacts.searching import fold
from wire.contacts import MOST_VALUES, Contact, ContactFields, Number
from wire.errors import Invalid
from wire.imports import FieldChange, ImportRow, RowOutcome, RowProblem

T = TypeVar("T")

_LISTS = ("numbers", "emails", "addresses", "tags")
_UID = re.compile(r"contact-(?P<contact>[0-9]{1,15})@(?P<domain>[a-z0-9._-]+)")


class ReadRow(Struct, frozen=True):
    """A row of the file, made good: `fields` are None if it says nothing of anybody. `name` folded, `uid` as the file
    has it. `is_refused`: may not be a contact as it is.
    """

    row: int
    line: int
    fields: ContactFields | None
    name: str
    uid: str
    problems: list[RowProblem]
    is_refused: bool = False


class Planned(Struct, frozen=True):
    """`rev`: of the contact that is updated, as it was looked at."""

    row: ImportRow
    rev: int = 0


def read_row(row: Row, country: str, *, shared: bool) -> ReadRow:
    """Cleans what a codec has read. What may not be a contact is refused with the reason."""
    problems = [RowProblem(each.kind.value, each.field, each.detail) for each in row.problems]
    if row.contact is None:
        return ReadRow(row.number, row.line, None, "", "", problems)
    fields = cleaned(row.contact, country)
    try:
        required(fields, shared=shared)
    except Invalid as refused:
        problems.append(RowProblem("invalid", refused.field or "", refused.message))
        return ReadRow(row.number, row.line, fields, "", "", problems, is_refused=True)
    return ReadRow(row.number, row.line, fields, name_of(fields), row.contact.uid, problems)


def name_of(fields: ContactFields) -> str:
    """By which contacts are compared; storage has the same as `match_name`."""
    return fold(f"{fields.first_name} {fields.last_name}".strip() or fields.company)


def uid_of(domain: str, contact: int) -> str:
    """What an export calls a contact."""
    return f"contact-{contact}@{domain}"


def contact_of_uid(uid: str, domain: str) -> int:
    """The contact that a row was exported from; 0: none of this domain."""
    match = _UID.fullmatch(uid)
    return int(match["contact"]) if match and match["domain"] == domain else 0


class Planner:
    """Plans row after row; remembers of each only what later rows are compared with."""

    def __init__(self, domain: str) -> None:
        self._domain = domain
        self._before: dict[str, list[tuple[int, ContactFields]]] = {}
        self._taken: dict[int, int] = {}

    def plan(self, rows: Iterable[ReadRow], existing: Sequence[Contact]) -> list[Planned]:
        """`existing`: the contacts of the book that have the name of one of the rows, or its uid."""
        by_name: dict[str, list[Contact]] = {}
        for contact in existing:
            by_name.setdefault(name_of(contact), []).append(contact)
        by_id = {contact.contact: contact for contact in existing}
        return [self._plan(row, by_name, by_id) for row in rows]

    def _plan(self, row: ReadRow, by_name: Mapping[str, list[Contact]], by_id: Mapping[int, Contact]) -> Planned:
        if row.fields is None or row.is_refused:
            return Planned(_row(row, RowOutcome.REFUSED))
        exported = by_id.get(contact_of_uid(row.uid, self._domain))
        found = exported or _same_person(row.fields, by_name.get(row.name, []))
        if found is not None:
            return self._meets(row, row.fields, found, wins=exported is not None)
        before = self._before.setdefault(row.name, [])
        for number, fields in before:
            if merged(fields, row.fields) == fields and not _disagree(fields, row.fields):
                return Planned(_row(row, RowOutcome.DUPLICATE, same_as_row=number))
        before.append((row.row, row.fields))
        return Planned(_row(row, RowOutcome.CREATE))

    def _meets(self, row: ReadRow, fields: ContactFields, contact: Contact, *, wins: bool) -> Planned:
        there = fields_of(contact)
        wanted = merged(there, fields, wins=wins)
        if wanted == there:
            return Planned(
                _row(row, RowOutcome.DUPLICATE, target=contact.contact, changes=_changes(there, wanted, fields))
            )
        earlier = self._taken.get(contact.contact)
        if earlier is not None:
            problem = RowProblem("invalid", "", f"Row {earlier} changes the same contact already")
            return Planned(_row(msgspec.structs.replace(row, problems=[*row.problems, problem]), RowOutcome.REFUSED))
        over = next((name for name in _LISTS if len(getattr(wanted, name)) > MOST_VALUES), None)
        if over is not None:
            problem = RowProblem("invalid", over, f"Together with what there is, these are more than {MOST_VALUES}")
            return Planned(_row(msgspec.structs.replace(row, problems=[*row.problems, problem]), RowOutcome.REFUSED))
        self._taken[contact.contact] = row.row
        changed = _row(row, RowOutcome.UPDATE, target=contact.contact, changes=_changes(there, wanted, fields))
        return Planned(msgspec.structs.replace(changed, contact=wanted), contact.rev)


def plan_import(domain: str, rows: Iterable[ReadRow], existing: Sequence[Contact]) -> list[Planned]:
    """All of it at once: what each row would do to the contacts of a book."""
    return Planner(domain).plan(rows, existing)


def merged(there: ContactFields, given: ContactFields, *, wins: bool = False) -> ContactFields:
    """What there is, with what is given and not there yet. `wins`: where both say something, the given counts."""
    changed: dict[str, object] = {
        name: getattr(given, name) for name in NAMES if getattr(given, name) and (wins or not getattr(there, name))
    }
    changed["numbers"] = _with_new(there.numbers, given.numbers, number_key)
    changed["emails"] = _with_new(there.emails, given.emails, lambda each: each.email.casefold())
    changed["addresses"] = _with_new(there.addresses, given.addresses, lambda each: each)
    changed["tags"] = _with_new(there.tags, given.tags, str.casefold)
    changed["notes"] = _notes(there.notes, given.notes)
    return msgspec.structs.replace(there, **changed)


def number_key(number: Number) -> str:
    return number.e164 or "".join(letter for letter in number.number if letter.isalnum())


def _same_person(fields: ContactFields, candidates: Sequence[Contact]) -> Contact | None:
    reached = _reached_by(fields)
    for contact in candidates:
        if reached & _reached_by(contact):
            return contact
    for contact in candidates:
        there = fields_of(contact)
        if merged(there, fields) == there and not _disagree(there, fields):
            return contact
    return None


def _reached_by(fields: ContactFields) -> set[str]:
    return {number_key(each) for each in fields.numbers} | {each.email.casefold() for each in fields.emails}


def _disagree(there: ContactFields, given: ContactFields) -> bool:
    return any(getattr(given, name) and getattr(given, name) != getattr(there, name) for name in NAMES)


def _with_new(there: Sequence[T], given: Sequence[T], key: Callable[[T], object]) -> list[T]:
    known = {key(each) for each in there}
    new: list[T] = []
    for each in given:
        if key(each) not in known:
            known.add(key(each))
            new.append(each)
    return [*there, *new]


def _notes(there: str, given: str) -> str:
    if not given or given in there:
        return there
    return f"{there}\n\n{given}" if there else given


def _row(
    row: ReadRow,
    outcome: RowOutcome,
    *,
    target: int = 0,
    same_as_row: int = 0,
    changes: Sequence[FieldChange] = (),
) -> ImportRow:
    return ImportRow(
        row=row.row,
        line=row.line,
        outcome=outcome,
        contact=row.fields,
        target=target,
        same_as_row=same_as_row,
        changes=list(changes),
        problems=row.problems,
    )


def _changes(there: ContactFields, wanted: ContactFields, given: ContactFields) -> list[FieldChange]:
    changes = []
    for name in (*NAMES, "notes"):
        before, after, said = getattr(there, name), getattr(wanted, name), getattr(given, name)
        if before != after:
            changes.append(FieldChange(name, before, after))
        elif said and said != before and said not in before:
            changes.append(FieldChange(name, before, said, kept=True))
    for name in _LISTS:
        new = [each for each in getattr(wanted, name) if each not in getattr(there, name)]
        if new:
            changes.append(FieldChange(name, "", ", ".join(map(_shown, new))))
    return changes


def _shown(value: object) -> str:
    for name in ("number", "email"):
        if hasattr(value, name):
            return str(getattr(value, name))
    if isinstance(value, str):
        return value
    return " ".join(str(part) for part in msgspec.structs.astuple(value) if part)  # type: ignore[arg-type]
