"""Google's, Outlook's and any other table: one row becomes one contact, by what its columns mean."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from msgspec import Struct

from contacts.codecs.columns import Columns
from contacts.codecs.drafting import Draft, left_over
from contacts.codecs.labels import OTHER, normal_label
from contacts.codecs.limits import FileLimits
from contacts.codecs.meanings import Meaning
from contacts.codecs.model import Format, Problem, ProblemKind, Row
from contacts.codecs.parts import bare_email, is_system_group, street_of
from contacts.codecs.tables import Table, TableRow
from wire.contacts import Address

_LIST = re.compile(r"\s+:::\s+")
_QUOTED_FORMULA = re.compile(r"'+[=+\-@＝＋－＠\t\r]")
_TEXT_FORMULA = re.compile(r'="((?:[^"]|"")*)"')
_EMAILS = re.compile(r"[^\s;,<>]+@[^\s;,<>@]+(?:(?:\s*[;,]\s*|\s+)[^\s;,<>]+@[^\s;,<>@]+)+")
_BETWEEN_EMAILS = re.compile(r"[\s;,]+")
_LONG_ENOUGH = 6
"""Letters of each of several numbers in one cell."""


_Each = TypeVar("_Each")


class _Reachable(Struct):
    """A number or an e-mail address: where it stands, and its label or where that stands (-1: nowhere)."""

    at: int
    label: str
    label_at: int = -1


class _Place(Struct):
    label: str
    label_at: int
    parts: dict[str, int]


class _Note(Struct):
    at: int
    name: str
    field: str
    label_at: int
    empty: frozenset[str]
    is_repeated: bool


class TableReader:
    """Reads one file by its columns, after its header."""

    def __init__(self, table: Table, columns: Columns, before: Sequence[TableRow], limits: FileLimits) -> None:
        self._table = table
        self._columns = columns
        self._before = before
        """What stands above the header."""
        self._limits = limits
        self._width = len(columns.names)
        self._plan = _Plan(columns)
        self._header = [name.casefold() for name in columns.names]

    @property
    def read_until(self) -> int:
        return self._table.read_until

    def rows(self, _: bytes) -> Iterator[Row]:
        number = 0
        for row in self._before:
            number += 1
            yield Row(number, row.line, None, [Problem(ProblemKind.NOT_A_CONTACT, "", "; ".join(row.cells))])
        for row in self._table.rows(self._width):
            if not any(row.cells) and not row.problem:
                continue
            number += 1
            if number > self._limits.contacts:
                yield Row(number, row.line, None, [Problem(ProblemKind.TOO_MANY, "", f"more than {number - 1} rows")])
                return
            yield self._row(number, row)

    def _row(self, number: int, row: TableRow) -> Row:
        cells = row.cells
        if not cells:
            return Row(number, row.line, None, [Problem(ProblemKind.TOO_LARGE, "", row.problem)])
        if [" ".join(cell.split()).casefold() for cell in cells] == self._header:
            return Row(number, row.line, None, [Problem(ProblemKind.NOT_A_CONTACT, "", "the header once more")])
        draft = Draft()
        if row.problem:
            draft.tell(ProblemKind.BROKEN, "", row.problem)
        if len(cells) != self._width:
            cells = self._of_right_width(draft, cells)
        for cell in cells:
            if cell and (cell[0] in "'=" or "\ufffd" in cell):
                cells = [_without_formula(draft, each) for each in cells]
                break
        self._plan.read(draft, cells)
        contact = draft.finish()
        if contact is None:
            empty = Problem(ProblemKind.EMPTY, "", "the row says nothing of anybody")
            return Row(number, row.line, None, [empty, *draft.problems])
        return Row(number, row.line, contact, draft.problems)

    def _of_right_width(self, draft: Draft, cells: list[str]) -> list[str]:
        """Cells that are missing are empty; those without a column are kept, for something is wrong with this row."""
        if len(cells) < self._width:
            return cells + [""] * (self._width - len(cells))
        further = [cell for cell in cells[self._width :] if cell.strip()]
        if further:
            draft.tell(ProblemKind.BROKEN, "", f"{len(cells)} cells, but {self._width} columns")
            draft.keep("", "Without a column", ", ".join(further))
        return cells[: self._width]


class _Plan:
    """What to do with each row, decided once."""

    def __init__(self, columns: Columns) -> None:
        self._fields: list[tuple[int, str, str]] = []
        self._numbers: list[_Reachable] = []
        self._emails: list[_Reachable] = []
        self._places: list[_Place] = []
        self._notes: list[_Note] = []
        self._photos: list[tuple[int, str]] = []
        self._names = columns.names
        self._is_google = columns.kind is Format.GOOGLE
        self._orders: dict[str, int] = {}
        labels = _label_columns(columns)
        groups: dict[tuple[str, str], object] = {}
        for at, meaning in enumerate(columns.meanings):
            name = columns.names[at]
            if meaning is None:
                self._notes.append(_Note(at, name or f"Column {at + 1}", name, -1, frozenset(), is_repeated=False))
            elif meaning.kind == "field":
                self._fields.append((at, meaning.what, name))
            elif meaning.kind in ("number", "email"):
                self._add_reachable(at, meaning, labels)
            elif meaning.kind == "address":
                self._add_part(at, meaning, labels, groups)
            elif meaning.kind in ("note", "repeated"):
                label_at = labels.get(("note", meaning.group), -1) if meaning.group else -1
                is_repeated = meaning.kind == "repeated"
                self._notes.append(_Note(at, meaning.what, name, label_at, meaning.empty, is_repeated))
            elif meaning.kind == "photo":
                self._photos.append((at, name))
            elif meaning.kind == "order":
                self._orders[meaning.what] = at

    def _add_reachable(self, at: int, meaning: Meaning, labels: dict[tuple[str, str], int]) -> None:
        if meaning.kind == "number":
            if not meaning.group:
                self._numbers.append(_Reachable(at, meaning.what))
            elif meaning.what == "value":
                self._numbers.append(_Reachable(at, "", labels.get(("number", meaning.group), -1)))
        elif meaning.what == "value":
            self._emails.append(_Reachable(at, meaning.label, labels.get(("email", meaning.group), -1)))

    def _add_part(
        self, at: int, meaning: Meaning, labels: dict[tuple[str, str], int], groups: dict[tuple[str, str], object]
    ) -> None:
        """A part that the group has already begins another address of the same label."""
        if meaning.what == "label":
            return
        key = ("address", meaning.group)
        place = groups.get(key)
        if not isinstance(place, _Place) or meaning.what in place.parts:
            place = _Place(meaning.label, labels.get(key, -1), {})
            groups[key] = place
            self._places.append(place)
        place.parts[meaning.what] = at

    def read(self, draft: Draft, cells: list[str]) -> None:
        for at, field, name in self._fields:
            cell = cells[at]
            if cell:
                self._field(draft, field, name, cell)
        self._reachable(draft, cells)
        for place in self._ordered("address", self._places, cells, _columns_of_place):
            self._address(draft, place, cells)
        for note in self._notes:
            if cells[note.at]:
                self._note(draft, note, cells)
        for at, name in self._photos:
            if cells[at]:
                draft.tell(ProblemKind.LEFT_OUT, name, cells[at])
        for name, value in (("Name prefix", draft.prefix), ("Name suffix", draft.suffix)):
            if value:
                draft.keep(name, name, value)

    def _reachable(self, draft: Draft, cells: list[str]) -> None:
        for each in self._ordered("number", self._numbers, cells, _column_of_number):
            cell = cells[each.at]
            if cell:
                label = _label_of(each, cells) or OTHER
                draft.numbers.extend((label, number) for number in _numbers_of(cell))
        for each in self._emails:
            cell = cells[each.at]
            if cell:
                label = _label_of(each, cells)
                draft.emails.extend((label, bare_email(email)) for email in _emails_of(cell))

    def _ordered(
        self, what: str, each: list[_Each], cells: list[str], of: Callable[[_Each], Sequence[int]]
    ) -> list[_Each]:
        """As a cell says that lists the names of columns, if there is one; what it does not list comes last."""
        at = self._orders.get(what)
        if at is None or not cells[at]:
            return each
        positions = {name: position for position, name in enumerate(cells[at].split(", "))}
        last, names = len(positions), self._names
        return sorted(each, key=lambda one: min(positions.get(names[column], last) for column in of(one)))

    def _field(self, draft: Draft, field: str, name: str, cell: str) -> None:
        if field == "tags":
            draft.add_tags(_tags_of(cell))
        elif field == "labels":
            draft.add_tags(_labels_of(cell) if self._is_google else _tags_of(cell))
        elif field == "notes":
            draft.add_notes(cell)
        elif not getattr(draft, field):
            setattr(draft, field, cell.strip())
        elif getattr(draft, field) != cell.strip():
            draft.keep(name, name, cell)

    def _address(self, draft: Draft, place: _Place, cells: list[str]) -> None:
        parts = {part: cells[at] for part, at in place.parts.items() if cells[at]}
        if not parts:
            return
        label = normal_label(cells[place.label_at]) if place.label_at >= 0 else place.label
        whole = parts.pop("whole", "")
        streets = [parts.get(part, "") for part in ("street", "street2", "street3")]
        address = Address(
            label=label,
            street=street_of(
                "\n".join(filter(None, streets)), parts.get("extended", "").strip(), parts.get("box", "").strip()
            ),
            city=parts.get("city", ""),
            region=parts.get("region", ""),
            postal_code=parts.get("postal_code", ""),
            country=parts.get("country", ""),
        )
        if not parts:
            draft.addresses.append(Address(label=label, street=whole))
            return
        draft.addresses.append(address)
        if whole and left_over(whole, list(parts.values())):
            draft.keep(self._names[place.parts["whole"]], "Address", whole.replace("\n", ", "))

    def _note(self, draft: Draft, note: _Note, cells: list[str]) -> None:
        cell = cells[note.at].strip()
        if not cell or cell.casefold() in note.empty:
            return
        if note.is_repeated and not _says_more(cell, draft):
            return
        label = normal_label(cells[note.label_at]) if note.label_at >= 0 else ""
        name = note.name
        if label and label != OTHER:
            name = label[:1].upper() + label[1:] if note.name in ("Other", "Related") else f"{name} ({label})"
        for value in _LIST.split(cell):
            draft.keep(note.field, name, value)


def _label_columns(columns: Columns) -> dict[tuple[str, str], int]:
    """Where the label of each numbered group stands."""
    found = {}
    for at, meaning in enumerate(columns.meanings):
        if meaning and meaning.kind == "note_label":
            found[("note", meaning.group)] = at
        elif meaning and meaning.what == "label" and meaning.group:
            found[(meaning.kind, meaning.group)] = at
    return found


def _column_of_number(number: _Reachable) -> Sequence[int]:
    return (number.at,)


def _columns_of_place(place: _Place) -> Sequence[int]:
    return tuple(place.parts.values())


def _label_of(each: _Reachable, cells: list[str]) -> str:
    return normal_label(cells[each.label_at]) if each.label_at >= 0 else each.label


def _numbers_of(cell: str) -> list[str]:
    if " ::: " in cell:
        return _LIST.split(cell)
    if "\n" in cell or ";" in cell:
        parts = re.split(r"\s*[;\n]\s*", cell.strip())
        if all(sum(letter.isdigit() for letter in part) >= _LONG_ENOUGH for part in parts):
            return parts
    return [cell]


def _emails_of(cell: str) -> list[str]:
    if " ::: " in cell:
        return _LIST.split(cell)
    return _BETWEEN_EMAILS.split(cell.strip()) if _EMAILS.fullmatch(cell.strip()) else [cell]


def _tags_of(cell: str) -> list[str]:
    """Divided by semicolons, else by commas."""
    if " ::: " in cell:
        return _labels_of(cell)
    return cell.split(";") if ";" in cell else cell.split(",")


def _labels_of(cell: str) -> list[str]:
    """Google's: `* myContacts ::: Friends`."""
    tags = [part.strip().removeprefix("* ") for part in _LIST.split(cell)]
    return [tag for tag in tags if not is_system_group(tag)]


def _says_more(cell: str, draft: Draft) -> bool:
    known = [draft.first_name, draft.middle_name, draft.last_name, draft.prefix, draft.suffix, draft.full_name]
    known += [draft.company, *(email for _, email in draft.emails)]
    initials = "".join(part[:1] for part in known[:3])
    return left_over(cell, known) and cell.replace(".", "").replace(" ", "").casefold() != initials.casefold()


def _without_formula(draft: Draft, cell: str) -> str:
    """What spreadsheets need to leave a cell alone: `'+49...` and `="0049..."`."""
    if "\ufffd" in cell:
        draft.tell(ProblemKind.BROKEN, "encoding", cell)
    if cell.startswith("'"):
        return cell[1:] if _QUOTED_FORMULA.match(cell) else cell
    text = _TEXT_FORMULA.fullmatch(cell.strip())
    return text[1].replace('""', '"') if text else cell
