"""Google CSV and Outlook CSV, for those programs, for spreadsheets, and for us: what is written is read back unchanged.

UTF-8 with a mark, since spreadsheets take everything else for the code page of their country. A cell that a
spreadsheet would take for a formula has an apostrophe before it, which our reader takes off. Telephone numbers have
none, although they begin with a plus sign: no spreadsheet computes those, and other programs would keep it.

Both formats have columns of our own where a file needs them (`widths_of`): an `UID`, and in Outlook's
the labels and numbers for which Outlook has no column. Those programs leave such columns alone.
"""

import codecs
import csv
import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from contacts.codecs.labels import FAX, HOME, HOME_FAX, MAIN, MOBILE, OTHER, PAGER, WORK
from contacts.codecs.model import Format, ImportedContact
from contacts.codecs.outlook_columns import HEADER, NUMBERS
from wire.contacts import Address, Number

_FORMULA = re.compile(r"'*[=+\-@＝＋－＠\t\r]")
_TELEPHONE = re.compile(r"\+[0-9][0-9 ()./-]{2,40}(?: (?:ext\.?|x) ?[0-9]{1,8})?")
_PIECE = 200
"""Rows that are given out together."""


class Widths(Struct, frozen=True):
    """How many columns of each kind a file needs, at least those that its programs always write."""

    numbers: int = 0
    emails: int = 0
    addresses: int = 0
    has_order: bool = False
    has_email_labels: bool = False


def widths_of(contacts: Iterable[ImportedContact], kind: Format) -> Widths:
    """What a file of these contacts needs: a first pass over them. The second one writes."""
    columns = _GoogleColumns if kind is Format.GOOGLE else _OutlookColumns
    needed = Widths()
    for contact in contacts:
        needed = _wider(needed, columns.needed(contact))
    return needed


def write_google_csv(contacts: Iterable[ImportedContact], widths: Widths | None = None) -> Iterator[bytes]:
    """Without `widths`, the contacts are held in memory and looked at twice."""
    if widths is None:
        contacts = list(contacts)
        widths = widths_of(contacts, Format.GOOGLE)
    columns = _GoogleColumns(widths)
    return _pieces(columns.header, columns.row, contacts)


def write_outlook_csv(contacts: Iterable[ImportedContact], widths: Widths | None = None) -> Iterator[bytes]:
    """Without `widths`, the contacts are held in memory and looked at twice."""
    if widths is None:
        contacts = list(contacts)
        widths = widths_of(contacts, Format.OUTLOOK)
    columns = _OutlookColumns(widths)
    return _pieces(columns.header, columns.row, contacts)


def safe(cell: str) -> str:
    """A cell that no spreadsheet computes."""
    if not _FORMULA.match(cell) or _TELEPHONE.fullmatch(cell):
        return cell
    return "'" + cell


def _wider(one: Widths, other: Widths) -> Widths:
    if other == _NOTHING:
        return one
    return Widths(
        max(one.numbers, other.numbers),
        max(one.emails, other.emails),
        max(one.addresses, other.addresses),
        one.has_order or other.has_order,
        one.has_email_labels or other.has_email_labels,
    )


_NOTHING = Widths()


def _narrowed(contact: ImportedContact, numbers: int, emails: int, addresses: int) -> ImportedContact:
    """A contact that has grown since the widths were taken: what has no column any more goes to the notes."""
    lines = [f"Number ({each.label}): {each.number}" for each in contact.numbers[numbers:]]
    lines += [f"E-mail: {each.email}" for each in contact.emails[emails:]]
    for each in contact.addresses[addresses:]:
        parts = (*each.street.split("\n"), each.city, each.region, each.postal_code, each.country)
        lines.append(f"Address: {', '.join(filter(None, parts))}")
    return replace(
        contact,
        numbers=contact.numbers[:numbers],
        emails=contact.emails[:emails],
        addresses=contact.addresses[:addresses],
        notes="\n".join(filter(None, (contact.notes, *lines))),
    )


class _Sink:
    """What csv.writer writes to."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.write = self.texts.append


def _pieces(
    header: Sequence[str], row_of: Callable[[ImportedContact], list[str]], contacts: Iterable[ImportedContact]
) -> Iterator[bytes]:
    sink = _Sink()
    writer = csv.writer(sink)
    writer.writerow(header)
    yield codecs.BOM_UTF8
    for contact in contacts:
        writer.writerow([safe(cell) if cell and not cell[0].isalnum() else cell for cell in row_of(contact)])
        if len(sink.texts) >= _PIECE:
            yield "".join(sink.texts).encode("utf-8", "replace")
            sink.texts.clear()
    yield "".join(sink.texts).encode("utf-8", "replace")


# --- Google -----------------------------------------------------------------------------------------------------------

_GOOGLE = [
    "First Name",
    "Middle Name",
    "Last Name",
    "Phonetic First Name",
    "Phonetic Middle Name",
    "Phonetic Last Name",
    "Name Prefix",
    "Name Suffix",
    "Nickname",
    "File As",
    "Organization Name",
    "Organization Title",
    "Organization Department",
    "Birthday",
    "Notes",
    "Photo",
    "Labels",
]
_GOOGLE_ADDRESS = ("Label", "Street", "City", "Region", "Postal Code", "Country")
_GOOGLE_LABELS = {
    WORK: "Work",
    MOBILE: "Mobile",
    HOME: "Home",
    FAX: "Work Fax",
    HOME_FAX: "Home Fax",
    MAIN: "Main",
    PAGER: "Pager",
    OTHER: "Other",
}


class _GoogleColumns:
    def __init__(self, widths: Widths) -> None:
        self._widths = widths
        self.header = list(_GOOGLE)
        for at in range(1, widths.emails + 1):
            self.header += (f"E-mail {at} - Label", f"E-mail {at} - Value")
        for at in range(1, widths.numbers + 1):
            self.header += (f"Phone {at} - Label", f"Phone {at} - Value")
        for at in range(1, widths.addresses + 1):
            self.header += (f"Address {at} - {part}" for part in _GOOGLE_ADDRESS)
        self.header.append("UID")

    @staticmethod
    def needed(contact: ImportedContact) -> Widths:
        return Widths(len(contact.numbers), len(contact.emails), len(contact.addresses))

    def row(self, contact: ImportedContact) -> list[str]:
        widths = self._widths
        if (
            len(contact.numbers) > widths.numbers
            or len(contact.emails) > widths.emails
            or len(contact.addresses) > widths.addresses
        ):
            contact = _narrowed(contact, widths.numbers, widths.emails, widths.addresses)
        names = [contact.first_name, contact.middle_name, contact.last_name, *[""] * 7]
        cells = [*names, contact.company, contact.job_title, contact.department, "", contact.notes, ""]
        cells.append(" ::: ".join(contact.tags))
        for email in contact.emails:
            cells += (_GOOGLE_LABELS.get(email.label, email.label), email.email)
        cells += [""] * (2 * (widths.emails - len(contact.emails)))
        for number in contact.numbers:
            cells += (_GOOGLE_LABELS.get(number.label, number.label), number.number)
        cells += [""] * (2 * (widths.numbers - len(contact.numbers)))
        for each in contact.addresses:
            label = _GOOGLE_LABELS.get(each.label, each.label)
            cells += (label, each.street, each.city, each.region, each.postal_code, each.country)
        cells += [""] * (len(_GOOGLE_ADDRESS) * (widths.addresses - len(contact.addresses)))
        cells.append(contact.uid)
        return cells


# --- Outlook ----------------------------------------------------------------------------------------------------------

_AT = {name: at for at, name in enumerate(HEADER)}
_COLUMNS_OF_NUMBERS: dict[str, list[str]] = {}
for _name, _label in NUMBERS.items():
    _COLUMNS_OF_NUMBERS.setdefault(_label, []).append(_name)
_PLACES = {WORK: "Business", HOME: "Home", OTHER: "Other"}
_EMAILS = ("E-mail Address", "E-mail 2 Address", "E-mail 3 Address")
_EMAIL_LABELS = ("E-mail Label", "E-mail 2 Label", "E-mail 3 Label")
_OWN_ADDRESS = ("Label", "Street", "City", "Region", "Postal Code", "Country")


class _OutlookColumns:
    """Outlook's own columns, and after them those for what Outlook has no place."""

    def __init__(self, widths: Widths) -> None:
        self._widths = widths
        self.header = list(HEADER)
        if widths.has_email_labels:
            self.header += _EMAIL_LABELS
        for at in range(1, widths.emails + 1):
            self.header += (f"E-mail {at + 3} Address", f"E-mail {at + 3} Label")
        for at in range(1, widths.numbers + 1):
            self.header += (f"Phone {at} - Label", f"Phone {at} - Value")
        for at in range(1, widths.addresses + 1):
            self.header += (f"Address {at} - {part}" for part in _OWN_ADDRESS)
        if widths.has_order:
            self.header += ("Phone Order", "Address Order")
        self.header.append("UID")
        self._at = {name: at for at, name in enumerate(self.header)}

    @staticmethod
    def needed(contact: ImportedContact) -> Widths:
        numbers = _columns_for_numbers(contact.numbers)
        places = _columns_for_addresses(contact.addresses)
        return Widths(
            sum(name.startswith("Phone ") for name in numbers),
            max(0, len(contact.emails) - len(_EMAILS)),
            sum(name.startswith("Address ") for name in places),
            _is_out_of_order(numbers) or _is_out_of_order([f"{place} Street" for place in places]),
            any(email.label for email in contact.emails[: len(_EMAILS)]),
        )

    def row(self, contact: ImportedContact) -> list[str]:
        try:
            return self._row(contact)
        except KeyError:
            return self._row(_narrowed(contact, 0, 0, 0))

    def _row(self, contact: ImportedContact) -> list[str]:
        at = self._at
        cells = [""] * len(self.header)
        cells[1], cells[2], cells[3] = contact.first_name, contact.middle_name, contact.last_name
        cells[5], cells[6], cells[7] = contact.company, contact.department, contact.job_title
        if contact.tags:
            cells[at["Categories"]] = _categories(contact.tags)
        cells[at["Notes"]] = contact.notes
        cells[at["UID"]] = contact.uid
        self._add_emails(cells, contact)
        if contact.numbers:
            self._add_numbers(cells, contact.numbers)
        if contact.addresses:
            self._add_addresses(cells, contact.addresses)
        return cells

    def _add_emails(self, cells: list[str], contact: ImportedContact) -> None:
        for number, email in enumerate(contact.emails, 1):
            column = _EMAILS[number - 1] if number <= len(_EMAILS) else f"E-mail {number} Address"
            cells[self._at[column]] = email.email
            if number <= len(_EMAILS):
                cells[self._at[column] + 1] = "SMTP"
            if email.label:
                label = _EMAIL_LABELS[number - 1] if number <= len(_EMAILS) else f"E-mail {number} Label"
                cells[self._at[label]] = email.label

    def _add_numbers(self, cells: list[str], numbers: Sequence[Number]) -> None:
        columns = _columns_for_numbers(numbers)
        for number, column in zip(numbers, columns, strict=True):
            at = self._at[column]
            cells[at] = number.number
            if column.startswith("Phone "):
                cells[at - 1] = number.label
        if _is_out_of_order(columns):
            cells[self._at["Phone Order"]] = ", ".join(columns)

    def _add_addresses(self, cells: list[str], addresses: Sequence[Address]) -> None:
        places = _columns_for_addresses(addresses)
        for each, place in zip(addresses, places, strict=True):
            if place.startswith("Address "):
                at = self._at[f"{place} Label"]
                cells[at : at + 6] = (each.label, each.street, each.city, each.region, each.postal_code, each.country)
            else:
                at = self._at[f"{place} Street"]
                parts = (*_three_lines(each.street), each.city, each.region, each.postal_code, each.country)
                cells[at : at + len(parts)] = parts
        columns = [f"{place} Street" for place in places]
        if _is_out_of_order(columns):
            cells[self._at["Address Order"]] = ", ".join(columns)


def _columns_for_numbers(numbers: Sequence[Number]) -> list[str]:
    used: dict[str, int] = {}
    columns, further = [], 0
    for number in numbers:
        known = _COLUMNS_OF_NUMBERS.get(number.label, ())
        taken = used.get(number.label, 0)
        used[number.label] = taken + 1
        if taken < len(known):
            columns.append(known[taken])
        else:
            further += 1
            columns.append(f"Phone {further} - Value")
    return columns


def _columns_for_addresses(addresses: Sequence[Address]) -> list[str]:
    """`Business`, `Home`, `Other`, or `Address 1 -`."""
    places: list[str] = []
    further = 0
    for each in addresses:
        place = _PLACES.get(each.label, "")
        if place and place not in places:
            places.append(place)
        else:
            further += 1
            places.append(f"Address {further} -")
    return places


def _is_out_of_order(columns: Sequence[str]) -> bool:
    """Whether the columns, read from left to right, would give another order."""
    positions = [_AT.get(column, len(_AT)) for column in columns]
    return positions != sorted(positions)


def _three_lines(street: str) -> tuple[str, str, str]:
    """As Outlook has them; a street that would not come back from three columns stays in one."""
    lines = street.split("\n", 2)
    if len(lines) == 1 or not all(line and line == line.strip() for line in street.split("\n")):
        return street, "", ""
    return lines[0], lines[1], lines[2] if len(lines) > 2 else ""


def _categories(tags: Sequence[str]) -> str:
    """As Outlook does; or, where a tag has a sign in it that divides Outlook's, as Google does."""
    if any("," in tag or ";" in tag for tag in tags):
        return " ::: ".join([*tags, ""])
    return "; ".join(tags)
