"""What to do with the cells of each row, decided once for all rows of a table."""

import re
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from msgspec import Struct

from contacts.codecs.columns import Columns
from contacts.codecs.drafting import Draft, left_over
from contacts.codecs.labels import OTHER, normal_label
from contacts.codecs.meanings import Meaning
from contacts.codecs.model import Format, ProblemKind
from contacts.codecs.parts import bare_email, is_system_group, street_of
from wire.contacts import Address

_LIST = re.compile(r"\s+:::\s+")
_EMAILS = re.compile(r"[^\s;,<>]+@[^\s;,<>@]+(?:(?:\s*[;,]\s*|\s+)[^\s;,<>]+@[^\s;,<>@]+)+")
_BETWEEN_EMAILS = re.compile(r"[\s;,]+")
_BETWEEN_NUMBERS = re.compile(r"\s*[;\n]\s*")
_SHORTENED = re.compile(r"\d[.,]\d+E\+\d+")
"""`4.93012E+11`: the last digits are gone for good."""
_AMOUNT = re.compile(r"(\d{6,})[.,]0{1,2}")
"""`1234567890,00`: a column of amounts. Dialled like this, it would be another number."""
_LONG_ENOUGH = 6
"""Letters of each of several numbers in one cell."""

_Each = TypeVar("_Each")
_Labels = dict[tuple[str, str], int]
"""Where the label of each numbered group stands."""


class _Reachable(Struct):
    """A number or an e-mail address: where it stands, and its label or where that stands (-1: nowhere)."""

    at: int
    label: str
    label_at: int = -1

    def columns(self) -> Sequence[int]:
        return (self.at,)


class _Place(Struct):
    label: str
    label_at: int
    parts: dict[str, int]

    def columns(self) -> Sequence[int]:
        return tuple(self.parts.values())


class _Note(Struct):
    name: str
    field: str
    label_at: int = -1
    empty: frozenset[str] = frozenset()
    is_repeated: bool = False


class _Ordered(Generic[_Each]):
    """Columns of one kind, in their own order or in that which a cell of the row tells: the names of columns."""

    def __init__(self, names: Sequence[str], columns: Callable[[_Each], Sequence[int]]) -> None:
        self.all: list[_Each] = []
        self.order_at = -1
        self._names = names
        self._columns = columns
        self._known = ""
        self._in_known_order: list[_Each] = []

    def of(self, cells: list[str]) -> list[_Each]:
        order = cells[self.order_at] if self.order_at >= 0 else ""
        if not order:
            return self.all
        if order != self._known:
            # Neighbours in a file often have the same.
            positions = {name: position for position, name in enumerate(order.split(", "))}
            self._known, self._in_known_order = (
                order,
                sorted(self.all, key=lambda each: self._position(each, positions)),
            )
        return self._in_known_order

    def _position(self, each: _Each, positions: dict[str, int]) -> int:
        return min(positions.get(self._names[column], len(positions)) for column in self._columns(each))


class TablePlan:
    def __init__(self, columns: Columns) -> None:
        self._names = columns.names
        self._is_google = columns.kind is Format.GOOGLE
        self._fields: list[tuple[int, str, str]] = []
        self._numbers = _Ordered[_Reachable](self._names, _Reachable.columns)
        self._emails: list[_Reachable] = []
        self._places = _Ordered[_Place](self._names, _Place.columns)
        self._notes: list[tuple[int, _Note]] = []
        self._photos: list[tuple[int, str]] = []
        self._open_places: dict[str, _Place] = {}
        labels = _label_columns(columns)
        for at, meaning in enumerate(columns.meanings):
            self._add(at, self._names[at], meaning, labels)

    def _add(self, at: int, name: str, meaning: Meaning | None, labels: _Labels) -> None:
        if meaning is None:
            self._notes.append((at, _Note(name or f"Column {at + 1}", name)))
        elif meaning.kind == "field":
            self._fields.append((at, meaning.what, name))
        elif meaning.kind == "number" and meaning.what != "label":
            label = "" if meaning.group else meaning.what
            self._numbers.all.append(_Reachable(at, label, labels.get(("number", meaning.group), -1)))
        elif meaning.kind == "email" and meaning.what != "label":
            self._emails.append(_Reachable(at, meaning.label, labels.get(("email", meaning.group), -1)))
        elif meaning.kind == "address" and meaning.what != "label":
            self._add_part(at, meaning, labels)
        elif meaning.kind in ("note", "repeated"):
            label_at = labels.get(("note", meaning.group), -1)
            self._notes.append((at, _Note(meaning.what, name, label_at, meaning.empty, meaning.kind == "repeated")))
        elif meaning.kind == "photo":
            self._photos.append((at, name))
        elif meaning.kind == "order":
            (self._numbers if meaning.what == "number" else self._places).order_at = at

    def _add_part(self, at: int, meaning: Meaning, labels: _Labels) -> None:
        """A part that the group has already begins another address of the same label."""
        place = self._open_places.get(meaning.group)
        if place is None or meaning.what in place.parts:
            place = _Place(meaning.label, labels.get(("address", meaning.group), -1), {})
            self._open_places[meaning.group] = place
            self._places.all.append(place)
        place.parts[meaning.what] = at

    def read(self, draft: Draft, cells: list[str]) -> None:
        """Puts what the cells of a row say into the draft."""
        for at, field, name in self._fields:
            if cells[at]:
                self._field(draft, field, name, cells[at])
        self._reachable(draft, cells)
        for place in self._places.of(cells):
            self._address(draft, place, cells)
        for at, note in self._notes:
            if cells[at]:
                _take_note(draft, note, cells[at].strip(), cells)
        self._rest(draft, cells)

    def _rest(self, draft: Draft, cells: list[str]) -> None:
        for at, name in self._photos:
            if cells[at]:
                draft.tell(ProblemKind.LEFT_OUT, name, cells[at])
        if draft.prefix:
            draft.keep("Name prefix", "Name prefix", draft.prefix)
        if draft.suffix:
            draft.keep("Name suffix", "Name suffix", draft.suffix)

    def _reachable(self, draft: Draft, cells: list[str]) -> None:
        for number in self._numbers.of(cells):
            if cells[number.at]:
                label = _label_of(number, cells) or OTHER
                if "E+" in cells[number.at] and _SHORTENED.fullmatch(cells[number.at].strip()):
                    draft.tell(ProblemKind.BROKEN, self._names[number.at], "a spreadsheet has shortened this number")
                cell = cells[number.at]
                if amount := _AMOUNT.fullmatch(cell.strip()):
                    draft.tell(ProblemKind.GUESSED, self._names[number.at], cell)
                    cell = amount[1]
                numbers = [(label, each) for each in _numbers_of(cell)]
                at = 0 if _is_primary(number, cells) else len(draft.numbers)
                draft.numbers[at:at] = numbers
        for email in self._emails:
            if cells[email.at]:
                label = _label_of(email, cells)
                emails = [(label, bare_email(each)) for each in _emails_of(cells[email.at])]
                at = 0 if _is_primary(email, cells) else len(draft.emails)
                draft.emails[at:at] = emails

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
        if not parts:
            draft.addresses.append(Address(label, whole))
            return
        get = parts.get
        street = "\n".join([parts[line] for line in ("street", "street2", "street3") if line in parts])
        street = street_of(street, get("extended", "").strip(), get("box", "").strip())
        draft.addresses.append(
            Address(label, street, get("city", ""), get("region", ""), get("postal_code", ""), get("country", ""))
        )
        if whole and left_over(whole, list(parts.values())):
            draft.keep(self._names[place.parts["whole"]], "Address", whole.replace("\n", ", "))


def _label_columns(columns: Columns) -> _Labels:
    found: _Labels = {}
    for at, meaning in enumerate(columns.meanings):
        if meaning and meaning.kind == "note_label":
            found[("note", meaning.group)] = at
        elif meaning and meaning.what == "label" and meaning.group:
            found[(meaning.kind, meaning.group)] = at
    return found


def _label_of(each: _Reachable, cells: list[str]) -> str:
    return normal_label(cells[each.label_at]) if each.label_at >= 0 else each.label


def _is_primary(each: _Reachable, cells: list[str]) -> bool:
    """Google puts a star before the label of what is to be shown first."""
    return each.label_at >= 0 and cells[each.label_at].startswith("* ")


def _take_note(draft: Draft, note: _Note, cell: str, cells: list[str]) -> None:
    if not cell or cell.casefold() in note.empty or (note.is_repeated and not _says_more(cell, draft)):
        return
    label = normal_label(cells[note.label_at]) if note.label_at >= 0 else ""
    name = note.name
    if label and label != OTHER:
        name = label[:1].upper() + label[1:] if name in ("Other", "Related") else f"{name} ({label})"
    for value in _LIST.split(cell):
        draft.keep(note.field, name, value)


def _numbers_of(cell: str) -> list[str]:
    if cell[:4].lower() == "tel:":
        cell = cell[4:]
    if " ::: " in cell:
        return _LIST.split(cell)
    if "\n" in cell or ";" in cell:
        parts = _BETWEEN_NUMBERS.split(cell.strip())
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
