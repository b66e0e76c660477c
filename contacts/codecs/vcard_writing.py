"""vCard 3.0 and 4.0. What is written is read back as the same contact, by us and by the usual programs.

Lines are not folded: no standard insists, every reader takes long lines, and some telephones take no folded ones.
"""

from collections.abc import Iterable, Iterator
from typing import Literal

from contacts.codecs.labels import CAR, FAX, HOME, HOME_FAX, MAIN, MOBILE, OTHER, PAGER, WORK
from contacts.codecs.model import ImportedContact

Version = Literal["3.0", "4.0"]

_ESCAPES = str.maketrans({"\\": "\\\\", "\n": "\\n", ",": "\\,", ";": "\\;"})
_PRODUCT = "-//presence-gateway//contacts//EN"

_TYPES_OF_NUMBERS = {
    WORK: ("WORK", "VOICE"),
    HOME: ("HOME", "VOICE"),
    MOBILE: ("CELL", "VOICE"),
    FAX: ("WORK", "FAX"),
    HOME_FAX: ("HOME", "FAX"),
    PAGER: ("PAGER",),
    MAIN: ("MAIN",),
    CAR: ("CAR",),
    OTHER: ("VOICE",),
}
_TYPES_OF_PLACES = {WORK: ("WORK",), HOME: ("HOME",), OTHER: ("OTHER",), "": ()}


def write_vcard(contacts: Iterable[ImportedContact], version: Version = "3.0") -> Iterator[bytes]:
    """One card a contact, each as one piece of UTF-8."""
    writer = _Writer(version)
    for contact in contacts:
        yield writer.card(contact)


def escaped(text: str) -> str:
    return text if text.isalnum() else text.translate(_ESCAPES)


class _Writer:
    def __init__(self, version: Version) -> None:
        self._beginning = f"BEGIN:VCARD\r\nVERSION:{version}\r\nPRODID:{_PRODUCT}\r\n"
        is_old = version == "3.0"
        self._numbers = {label: _head("TEL", types, is_old) for label, types in _TYPES_OF_NUMBERS.items()}
        self._emails = {
            label: _head("EMAIL", (("INTERNET", *types) if is_old else types), is_old)
            for label, types in _TYPES_OF_PLACES.items()
        }
        self._addresses = {label: _head("ADR", types, is_old) for label, types in _TYPES_OF_PLACES.items()}

    def card(self, contact: ImportedContact) -> bytes:
        names = (contact.last_name, contact.first_name, contact.middle_name)
        lines = [
            self._beginning,
            f"UID:{escaped(contact.uid)}\r\n" if contact.uid else "",
            f"N:{';'.join(map(escaped, names))};;\r\n",
            f"FN:{escaped(_full_name(contact))}\r\n",
        ]
        if contact.department:
            lines.append(f"ORG:{escaped(contact.company)};{escaped(contact.department)}\r\n")
        elif contact.company:
            lines.append(f"ORG:{escaped(contact.company)}\r\n")
        if contact.job_title:
            lines.append(f"TITLE:{escaped(contact.job_title)}\r\n")
        self._add_reachable(lines, contact)
        if contact.tags:
            lines.append(f"CATEGORIES:{','.join(map(escaped, contact.tags))}\r\n")
        if contact.notes:
            lines.append(f"NOTE:{escaped(contact.notes)}\r\n")
        lines.append("END:VCARD\r\n")
        return "".join(lines).encode("utf-8", "replace")

    def _add_reachable(self, lines: list[str], contact: ImportedContact) -> None:
        reachable = [(self._numbers, "TEL", each.label, escaped(each.number)) for each in contact.numbers]
        reachable += [(self._emails, "EMAIL", each.label, escaped(each.email)) for each in contact.emails]
        for each in contact.addresses:
            parts = ("", "", each.street, each.city, each.region, each.postal_code, each.country)
            reachable.append((self._addresses, "ADR", each.label, ";".join(map(escaped, parts))))
        groups = 0
        for heads, name, label, value in reachable:
            head = heads.get(label)
            if head is not None:
                lines.append(f"{head}:{value}\r\n")
                continue
            groups += 1
            lines.append(f"item{groups}.{name}:{value}\r\nitem{groups}.X-ABLabel:{escaped(label)}\r\n")


def _head(name: str, types: tuple[str, ...], is_old: bool) -> str:
    if not is_old:
        types = tuple(each.lower() for each in types)
    return f"{name};TYPE={','.join(types)}" if types else name


def _full_name(contact: ImportedContact) -> str:
    """FN must say something; a card without a name is shown under its company, or under how to reach it."""
    name = " ".join(filter(None, (contact.first_name, contact.middle_name, contact.last_name)))
    if name or contact.company:
        return name or contact.company
    if contact.emails:
        return contact.emails[0].email
    return contact.numbers[0].number if contact.numbers else ""
