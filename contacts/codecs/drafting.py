"""A contact while it is being read: collects what a file says, then brings it into normal form, and tells what changed.

What has no field becomes a line of the notes. What is too long for its field is shortened there and kept whole in the
notes.
"""

import re

from contacts.codecs.encodings import without_lone_bytes
from contacts.codecs.labels import OTHER
from contacts.codecs.limits import (
    DETAIL,
    EMAIL,
    LABEL,
    LINE,
    MOST_OF_A_KIND,
    NOTES,
    NUMBER,
    POSTAL_CODE,
    STREET,
    TAG,
    UID,
)
from contacts.codecs.model import ImportedContact, Problem, ProblemKind
from wire.contacts import Address, Email, Number

_CONTROLS = re.compile(r"[\x00-\x1f\x7f]+")
_CONTROLS_OF_NOTES = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_LINE_ENDS = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_INVISIBLE = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
"""What telephones copy around a number to make it run left to right, and nobody sees."""
_WORD = re.compile(r"\w+")
_COMPANY = re.compile(
    r"\b(?:gmbh|mbh|ag|kg|ohg|ug|e\.?\s?v\.?|inc|ltd|llc|llp|plc|corp|pty|s\.?a\.?r\.?l|s\.?a\.?s|s\.?r\.?l"
    r"|s\.?p\.?a|b\.?v|n\.?v|oy|aps|s\.?l\.?u|ltda|s\.?a)\.?$|株式会社|有限会社|合同会社",
    re.IGNORECASE,
)
"""What companies call themselves, at the end of a name: nobody's last name is GmbH."""


_LONGEST_COMPARED = 2_000
"""Letters; what is longer is no name, and comparing it takes time that grows with its square."""


class Draft:
    """`names`: prefix and suffix are kept apart, since a full name repeats them."""

    __slots__ = (
        "addresses",
        "company",
        "department",
        "emails",
        "extras",
        "first_name",
        "full_name",
        "job_title",
        "last_name",
        "middle_name",
        "notes",
        "numbers",
        "prefix",
        "problems",
        "suffix",
        "tags",
        "uid",
    )

    def __init__(self) -> None:
        self.uid = ""
        self.first_name = ""
        self.middle_name = ""
        self.last_name = ""
        self.prefix = ""
        self.suffix = ""
        self.full_name = ""
        self.company = ""
        self.department = ""
        self.job_title = ""
        self.notes = ""
        self.numbers: list[tuple[str, str]] = []
        """Labels and numbers."""
        self.emails: list[tuple[str, str]] = []
        self.addresses: list[Address] = []
        self.tags: dict[str, None] = {}
        """In their order, each once."""
        self.extras: list[str] = []
        """Lines for the end of the notes."""
        self.problems: list[Problem] = []

    def tell(self, kind: ProblemKind, field: str, detail: str) -> None:
        self.problems.append(Problem(kind, field, quoted(detail)))

    def keep(self, field: str, name: str, value: str) -> None:
        """A line of the notes, for what has no field. `field`: as the file calls it; `name`: as people do."""
        value = one_line(value)
        if value:
            self.extras.append(f"{one_line(name)}: {value}")
            self.tell(ProblemKind.KEPT_IN_NOTES, field, value)

    def add_notes(self, text: str) -> None:
        text = several_lines(text)
        if text:
            self.notes = f"{self.notes}\n{text}" if self.notes else text

    def add_tags(self, tags: list[str]) -> None:
        self.tags.update(dict.fromkeys(filter(None, map(one_line, tags))))

    def finish(self) -> ImportedContact | None:
        """The contact in normal form; None if nothing was said of anybody. Says in `problems` what did not fit."""
        self._use_full_name()
        contact = ImportedContact(
            uid=self._fit(self.uid, UID, "", "") if self.uid else "",
            first_name=self._fit(self.first_name, LINE, "first name", "First name") if self.first_name else "",
            middle_name=self._fit(self.middle_name, LINE, "middle name", "Middle name") if self.middle_name else "",
            last_name=self._fit(self.last_name, LINE, "last name", "Last name") if self.last_name else "",
            company=self._fit(self.company, LINE, "company", "Company") if self.company else "",
            department=self._fit(self.department, LINE, "department", "Department") if self.department else "",
            job_title=self._fit(self.job_title, LINE, "job title", "Job title") if self.job_title else "",
            numbers=self._numbers() if self.numbers else [],
            emails=self._emails() if self.emails else [],
            addresses=self._addresses() if self.addresses else [],
            tags=self._tags() if self.tags else [],
            notes=self._notes() if self.notes or self.extras else "",
        )
        return contact if says_something(contact) else None

    def _fit(self, text: str, limit: int, field: str, name: str) -> str:
        if len(text) <= limit and text.isprintable():
            return text.strip()
        text = one_line(text)
        if len(text) <= limit:
            return text
        if name:
            self.extras.append(f"{name}: {text}")
        self.tell(ProblemKind.SHORTENED, field, text)
        return text[:limit].rstrip()

    def _use_full_name(self) -> None:
        """A name in one piece is taken apart only where there is no other; what else it says is kept."""
        full = one_line(self.full_name)
        if not full or full == " ".join(filter(None, (self.first_name, self.middle_name, self.last_name))):
            return
        if self.first_name or self.middle_name or self.last_name:
            if left_over(full, self._names()):
                self.keep("full name", "Full name", full)
            return
        if full == self.company or not left_over(full, [self.company]) or self._is_reachable_at(full):
            return
        if not self.company and _COMPANY.search(full):
            self.company = full
            self.tell(ProblemKind.GUESSED, "company", full)
            return
        self.first_name, self.middle_name, self.last_name = taken_apart(full)
        if self.last_name:
            self.tell(ProblemKind.GUESSED, "name", full)

    def _is_reachable_at(self, full: str) -> bool:
        """Whether a program put an address or a number in the place of a name: not a name that has the same words."""
        if "@" in full:
            return not left_over(full, [each for _, each in self.emails])
        if any(letter.isalpha() for letter in full):
            return False
        return _digits_of(full) in [_digits_of(each) for _, each in self.numbers]

    def _names(self) -> list[str]:
        parts = (self.first_name, self.middle_name, self.last_name, self.prefix, self.suffix, self.company)
        return [*parts, self.department, *self.extras]

    def _numbers(self) -> list[Number]:
        numbers: list[Number] = []
        for label, typed in self.numbers:
            number = typed.strip()
            if not (number.isascii() and number.isprintable()):
                number = visible(number)
            if not number:
                continue
            name = one_line(label)[:LABEL].strip()
            if len(number) > NUMBER or len(numbers) >= MOST_OF_A_KIND:
                self.keep("number", f"Number ({name})" if name else "Number", number)
            else:
                numbers.append(Number(name or OTHER, number))
        return numbers

    def _emails(self) -> list[Email]:
        emails: list[Email] = []
        for label, typed in self.emails:
            email = typed.strip()
            if not email.isprintable():
                email = visible(email)
            if not email:
                continue
            if "@" not in email or len(email) > EMAIL or len(emails) >= MOST_OF_A_KIND:
                self.keep("e-mail", "E-mail", email)
            else:
                emails.append(Email(one_line(label)[:LABEL].strip(), email))
        return emails

    def _addresses(self) -> list[Address]:
        addresses: list[Address] = []
        for each in self.addresses:
            street = several_lines(each.street)
            parts = [one_line(part) for part in (each.city, each.region, each.postal_code, each.country)]
            if not (street or any(parts)):
                continue
            if len(street) > STREET or _is_too_long(parts) or len(addresses) >= MOST_OF_A_KIND:
                self.keep("address", "Address", ", ".join([*street.split("\n"), *filter(None, parts)]))
                continue
            city, region, postal_code, country = parts
            addresses.append(
                Address(
                    label=one_line(each.label)[:LABEL].strip(),
                    street=street,
                    city=city,
                    region=region,
                    postal_code=postal_code,
                    country=country,
                )
            )
        return addresses

    def _tags(self) -> list[str]:
        tags = [tag for tag in self.tags if len(tag) <= TAG][:MOST_OF_A_KIND]
        if len(tags) < len(self.tags):
            self.keep("tags", "Tags", ", ".join([tag for tag in self.tags if tag not in tags]))
        return tags

    def _notes(self) -> str:
        """What was typed, and then the extra lines. Where there is too much, the typed notes are shortened first: the
        extra lines may be all that is left of something else."""
        notes, extras = self.notes, "\n".join(self.extras)
        room = max(0, NOTES - len(extras) - 1) if extras else NOTES
        if len(notes) > room:
            self.tell(ProblemKind.SHORTENED, "notes", notes[room:])
            notes = notes[:room].rstrip()
        if len(extras) > NOTES:
            self.tell(ProblemKind.LEFT_OUT, "notes", extras[NOTES:])
            extras = extras[:NOTES].rstrip()
        return "\n".join(filter(None, (notes, extras)))


def _is_too_long(parts: list[str]) -> bool:
    city, region, postal_code, country = map(len, parts)
    return max(city, region, country) > LINE or postal_code > POSTAL_CODE


def one_line(text: str) -> str:
    """Without control characters and outer white space: a line end becomes a space."""
    if text.isprintable():
        return text.strip()
    return _CONTROLS.sub(" ", text).strip()


def visible(text: str) -> str:
    """A number or an e-mail address in one line, without what nobody sees."""
    return one_line(_INVISIBLE.sub("", text))


def several_lines(text: str) -> str:
    """`\\n` as line end, no white space at the end of the whole or before its first line, no NUL."""
    if text.isascii() and text.isprintable():
        return text.strip()
    return _CONTROLS_OF_NOTES.sub(" ", _LINE_ENDS.sub("\n", text)).strip()


def quoted(text: str) -> str:
    """The beginning of a value, in one line, for a problem."""
    text = one_line(without_lone_bytes(text[: DETAIL * 2]))
    return text if len(text) <= DETAIL else text[: DETAIL - 1] + "…"


def left_over(text: str, known: list[str]) -> bool:
    """Whether `text` has letters or digits that none of `known` accounts for, in whatever order and case.

    Also without spaces between, as names of East Asia are written.
    """
    if len(text) > _LONGEST_COMPARED:
        return True
    rest = text.casefold()
    for word in sorted({word for part in known for word in _WORD.findall(part.casefold())}, key=len, reverse=True):
        rest = rest.replace(word, " ")
    return bool(_WORD.search(rest))


def _digits_of(text: str) -> str:
    return "".join(letter for letter in text if letter.isdigit())


def taken_apart(full: str) -> tuple[str, str, str]:
    """First, middle and last name: `Doe, Jane` or `Jane Doe`; one word alone is a first name."""
    last, comma, first = full.partition(",")
    if comma and last.strip() and first.strip():
        return first.strip(), "", last.strip()
    first, _, last = full.rpartition(" ")
    return (first.strip(), "", last) if first else (full, "", "")


def says_something(contact: ImportedContact) -> bool:
    return bool(
        contact.first_name
        or contact.last_name
        or contact.middle_name
        or contact.company
        or contact.numbers
        or contact.emails
        or contact.addresses
        or contact.notes
        or contact.department
        or contact.job_title
        or contact.tags
    )
