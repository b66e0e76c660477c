"""Outlook's columns, for writing, and after them those for what Outlook has no place."""

from collections.abc import Sequence

from contacts.codecs.labels import HOME, OTHER, WORK
from contacts.codecs.model import ImportedContact
from contacts.codecs.outlook_columns import HEADER, NUMBERS
from contacts.codecs.widths import Widths, narrowed
from wire.contacts import Address, Number

_AT = {name: at for at, name in enumerate(HEADER)}
_COLUMNS_OF_NUMBERS: dict[str, list[str]] = {}
for _name, _label in NUMBERS.items():
    _COLUMNS_OF_NUMBERS.setdefault(_label, []).append(_name)
_PLACES = {WORK: "Business", HOME: "Home", OTHER: "Other"}
_EMAILS = ("E-mail Address", "E-mail 2 Address", "E-mail 3 Address")
_EMAIL_LABELS = ("E-mail Label", "E-mail 2 Label", "E-mail 3 Label")
_OWN_ADDRESS = ("Label", "Street", "City", "Region", "Postal Code", "Country")


class OutlookColumns:
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
            return self._row(narrowed(contact, 0, 0, 0))

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
