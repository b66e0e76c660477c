"""What one card says, property by property."""

import re
from collections.abc import Callable
from urllib.parse import unquote

from contacts.codecs.drafting import Draft, left_over, one_line, several_lines
from contacts.codecs.labels import OTHER, normal_label
from contacts.codecs.model import ImportedContact, ProblemKind
from contacts.codecs.parts import bare_email, is_system_group, street_of
from contacts.codecs.vcard_heads import NO_PREFERENCE, Head
from contacts.codecs.vcard_properties import BLOBS, NAMES, OF_MACHINES
from contacts.codecs.vcard_values import components, listed, names, plain
from wire.contacts import Address

_EXTENSION = re.compile(r"(?<!\\);ext=([\w*#-]+)", re.IGNORECASE)
_ANDROID = re.compile(r"vnd\.android\.cursor\.item/(\w+)")
_BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2}")
YEAR_UNKNOWN = "1604-"
"""What Apple writes for a birthday without a year."""


class CardReading:
    """One card, line by line: `take` each property, `go_on` with each other line, then `finish`."""

    def __init__(self) -> None:
        self.draft = Draft()
        self.is_group = False
        self.members = 0
        self.labels: dict[str, str] = {}
        """What X-ABLabel says of each group; it may come after what it labels."""
        self.numbers: list[tuple[Head, str]] = []
        self.emails: list[tuple[Head, str]] = []
        self.addresses: list[tuple[Head, Address]] = []
        self.others: list[tuple[Head, str, str]] = []
        """What goes to the notes: head, name, value."""
        self.printed_addresses: list[str] = []
        self.is_in_notes = False
        self.is_in_blob = False
        self.has_preferences = False

    def take(self, head: Head, value: str) -> None:
        self.is_in_notes = self.is_in_blob = False
        if head.preference != NO_PREFERENCE:
            self.has_preferences = True
        handler = _HANDLERS.get(head.name)
        if handler is not None:
            handler(self, head, value)
        elif head.name not in OF_MACHINES and value.strip(" ;"):
            _other(self, head, value)

    def go_on(self, line: str) -> None:
        """A line without a head: notes that were broken without being folded, or damage."""
        if self.is_in_notes:
            self.draft.notes += "\n" + several_lines(plain(line))
        elif line.strip() and not (self.is_in_blob and _BASE64.fullmatch(line.strip())):
            self.draft.tell(ProblemKind.BROKEN, "", line)

    def finish(self) -> ImportedContact | None:
        """The contact, None if the card says nothing. What did not fit is in `draft.problems`."""
        draft, labels = self.draft, self.labels
        if self.has_preferences:
            self._sort()
        for head, number in self.numbers:
            draft.numbers.append((self._label(head, labels) or OTHER, number))
        for head, email in self.emails:
            draft.emails.append((self._label(head, labels), email))
        for head, address in self.addresses:
            label = self._label(head, labels)
            draft.addresses.append(_with_label(address, label) if label else address)
        for head, name, value in self.others:
            draft.keep(head.name, _labelled(head, name, labels.get(head.group, "") or head.label), value)
        if self.printed_addresses:
            self._take_printed_addresses()
        if not (draft.first_name or draft.middle_name) and " " in draft.last_name and not draft.full_name:
            draft.full_name, draft.last_name = draft.last_name, ""
        draft.notes = draft.notes.strip()
        for name, value in (("Name prefix", draft.prefix), ("Name suffix", draft.suffix)):
            if value:
                draft.keep("N", name, value)
        return draft.finish()

    def _sort(self) -> None:
        """What is preferred is shown first."""
        self.numbers.sort(key=lambda each: each[0].preference)
        self.emails.sort(key=lambda each: each[0].preference)
        self.addresses.sort(key=lambda each: each[0].preference)

    def _label(self, head: Head, labels: dict[str, str]) -> str:
        label = (labels.get(head.group) if head.group else "") or head.label
        return normal_label(label) if label else head.label_of_types

    def _take_printed_addresses(self) -> None:
        """LABEL repeats what ADR says in parts. Where there is no ADR, or it says more, it counts."""
        parts = [part for each in self.draft.addresses for part in _parts(each)]
        for text in self.printed_addresses:
            if not self.draft.addresses:
                self.draft.addresses.append(Address(street=text))
            elif left_over(text, parts):
                self.draft.keep("LABEL", "Address", text.replace("\n", ", "))


def _n(card: CardReading, head: Head, value: str) -> None:
    draft = card.draft
    parts = names(value)
    if draft.last_name or draft.first_name:
        if any(parts):
            _other(card, head, " ".join(filter(None, (part.strip() for part in parts))))
        return
    parts += [""] * (5 - len(parts))
    draft.last_name, draft.first_name, draft.middle_name, draft.prefix, draft.suffix = (
        part.strip() for part in parts[:5]
    )
    if any(parts[5:]):
        _other(card, head, " ".join(parts[5:]))


def _fn(card: CardReading, head: Head, value: str) -> None:
    value = plain(value).strip()
    if not card.draft.full_name:
        card.draft.full_name = value
    elif value != card.draft.full_name:
        _other(card, head, value)


def _org(card: CardReading, head: Head, value: str) -> None:
    parts = [part.strip() for part in components(value)]
    if not any(parts):
        return
    if card.draft.company or card.draft.department:
        _other(card, head, ", ".join(filter(None, parts)))
        return
    card.draft.company = parts[0]
    card.draft.department = ", ".join(filter(None, parts[1:]))


def _title(card: CardReading, head: Head, value: str) -> None:
    value = plain(value).strip()
    if not card.draft.job_title:
        card.draft.job_title = value
    elif value:
        _other(card, head, value)


def _tel(card: CardReading, head: Head, value: str) -> None:
    number = plain(value).strip()
    if number[:4].lower() == "tel:":
        number = _number_of_uri(card, head, unquote(number[4:]))
    elif _EXTENSION.search(value):
        number = _number_of_uri(card, head, number)
    if number:
        card.numbers.append((head, number))


def _number_of_uri(card: CardReading, head: Head, uri: str) -> str:
    extension = _EXTENSION.search(uri)
    number, _, parameters = uri.partition(";")
    context = re.search(r"phone-context=([^;]*)", parameters, re.IGNORECASE)
    if context:
        _other(card, head, f"{number} in {context[1]}")
    return f"{number} ext. {extension[1]}" if extension else number


def _email(card: CardReading, head: Head, value: str) -> None:
    email = bare_email(plain(value))
    if email:
        card.emails.append((head, email))


def _adr(card: CardReading, head: Head, value: str) -> None:
    parts = [part.strip() for part in components(value)]
    if head.printed:
        card.printed_addresses.append(head.printed)
    if not any(parts):
        return
    if len(parts) == 1:
        card.addresses.append((head, Address(street=parts[0])))
        return
    parts += [""] * (7 - len(parts))
    box, extended, street, city, region, postal_code, country = parts[:7]
    if len(parts) > 7 and any(parts[7:]):
        _other(card, head, ", ".join(filter(None, parts[7:])))
    address = Address(
        street=street_of(street, extended, box), city=city, region=region, postal_code=postal_code, country=country
    )
    card.addresses.append((head, address))


def _printed_address(card: CardReading, _: Head, value: str) -> None:
    if value.strip():
        card.printed_addresses.append(plain(value))


def _note(card: CardReading, _: Head, value: str) -> None:
    card.draft.add_notes(plain(value))
    card.is_in_notes = True


def _categories(card: CardReading, _: Head, value: str) -> None:
    parts = components(value) if ";" in value and "," not in value else listed(value)
    card.draft.add_tags([part for part in parts if not is_system_group(part)])


def _uid(card: CardReading, _: Head, value: str) -> None:
    card.draft.uid = card.draft.uid or plain(value).strip()


def _kind(card: CardReading, _: Head, value: str) -> None:
    card.is_group = card.is_group or value.strip().lower() == "group"


def _member(card: CardReading, _: Head, _value: str) -> None:
    card.members += 1


def _ab_label(card: CardReading, head: Head, value: str) -> None:
    if head.group:
        card.labels[head.group] = plain(value).strip()
    elif value.strip():
        _other(card, head, value)


def _blob(card: CardReading, head: Head, value: str) -> None:
    if head.name == "SOUND" and "x-irmc-n" in head.types:
        card.others.append((head, "Phonetic name", " ".join(filter(None, components(value)))))
    elif value.strip() or head.encoding == "b":
        is_address = value[:4].lower() == "http"
        card.draft.tell(ProblemKind.LEFT_OUT, head.name, value if is_address else "")
        card.is_in_blob = True


def _agent(card: CardReading, head: Head, value: str) -> None:
    if value.strip():
        card.draft.tell(ProblemKind.LEFT_OUT, head.name, plain(value))


def _birthday(card: CardReading, head: Head, value: str) -> None:
    value = plain(value).strip()
    _other(card, head, "--" + value[len(YEAR_UNKNOWN) :] if value.startswith(YEAR_UNKNOWN) else value)


def _android(card: CardReading, head: Head, value: str) -> None:
    """`vnd.android.cursor.item/nickname;Bob;1;;;;`: a kind, what people typed, and numbers of types."""
    kind, *parts = components(value)
    match = _ANDROID.match(kind)
    if match:
        said = [part for part in parts if part.strip() and not part.isdigit()]
        card.others.append((head, _capital(match[1].replace("_", " ")), ", ".join(said)))
    else:
        _other(card, head, value)


def _other(card: CardReading, head: Head, value: str) -> None:
    """Whatever has no field: a line of the notes under its name, its type or the label of its group."""
    text = ", ".join(filter(None, (part.strip() for part in components(value)))) if ";" in value else plain(value)
    name = NAMES.get(head.name) or _capital(head.name.removeprefix("X-").replace("-", " ").lower())
    kind = next((each for each in head.types if each not in _NO_NAMES), "")
    if kind and head.name in _NAMED_BY_TYPE:
        name = _capital(kind.removeprefix("x-"))
    card.others.append((head, _PLAIN_NAMES.get(head.name, name), text))


_NO_NAMES = frozenset({"pref", "home", "work", "internet", "contact", "other"})
_NAMED_BY_TYPE = frozenset({"RELATED", "X-SOCIALPROFILE", "IMPP"})
_PLAIN_NAMES = {
    "N": "Name",
    "FN": "Full name",
    "ORG": "Company",
    "TITLE": "Job title",
    "TEL": "Number",
    "ADR": "Address",
    "X-ABLABEL": "Label",
}

_HANDLERS: dict[str, Callable[[CardReading, Head, str], None]] = {
    "N": _n,
    "FN": _fn,
    "ORG": _org,
    "TITLE": _title,
    "TEL": _tel,
    "X-MS-TEL": _tel,
    "X-ASSISTANT-PHONE": _tel,
    "EMAIL": _email,
    "ADR": _adr,
    "LABEL": _printed_address,
    "NOTE": _note,
    "CATEGORIES": _categories,
    "X-CATEGORIES": _categories,
    "UID": _uid,
    "KIND": _kind,
    "X-ADDRESSBOOKSERVER-KIND": _kind,
    "MEMBER": _member,
    "X-ADDRESSBOOKSERVER-MEMBER": _member,
    "X-ABLABEL": _ab_label,
    "AGENT": _agent,
    "BDAY": _birthday,
    "X-ANDROID-CUSTOM": _android,
    **dict.fromkeys(BLOBS, _blob),
}


def _parts(address: Address) -> list[str]:
    return [address.street, address.city, address.region, address.postal_code, address.country]


def _with_label(address: Address, label: str) -> Address:
    return Address(
        label=label,
        street=address.street,
        city=address.city,
        region=address.region,
        postal_code=address.postal_code,
        country=address.country,
    )


def _labelled(head: Head, name: str, label: str) -> str:
    """A date and a relative are nothing without their label; everything else is something by itself."""
    label = normal_label(label)
    if not label:
        return name
    return _capital(label) if head.name in ("X-ABDATE", "X-ABRELATEDNAMES") else f"{name} ({label})"


def _capital(text: str) -> str:
    text = one_line(text)
    return text[:1].upper() + text[1:]
