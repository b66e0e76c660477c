"""What codecs give and take: one neutral contact, and what is to be said about each row of a file.

Everything that a file says of a person ends in one of three places, and a row says which: in a field; in the notes, as
a line `Birthday: 1970-12-24`, if there is no field for it (`KEPT_IN_NOTES`); or nowhere, if nobody could read it there,
such as a photo (`LEFT_OUT`). What only machines wrote for machines (a revision, a product's name) goes unmentioned.
"""

from enum import StrEnum

from msgspec import Struct

from wire.contacts import ContactFields


class Format(StrEnum):
    VCARD = "vcard"
    GOOGLE = "google"
    OUTLOOK = "outlook"
    TABLE = "table"
    """Any other CSV file whose columns have names that we know."""


class ImportedContact(ContactFields, frozen=True, omit_defaults=True, kw_only=True):
    """A contact in normal form: no text has white space around it or control characters in it, notes and streets have
    `\\n` as line ends, each text keeps to its limit, and common labels are always the same words
    (contacts/codecs/labels.py). `uid`: what the file calls this contact, for finding it again."""

    uid: str = ""


class ProblemKind(StrEnum):
    """What is to be said of a row. The first group means that there is no contact; the others that there is one."""

    NOT_A_CONTACT = "not_a_contact"
    """Text between two cards, a group of contacts, a list for mailing: `detail` says what."""
    EMPTY = "empty"
    """It says nothing of anybody."""
    TOO_LARGE = "too_large"
    """Over a limit, even without its photos."""
    TOO_MANY = "too_many"
    """More contacts than one file may have; nothing after this one was read."""

    LEFT_OUT = "left_out"
    """There is no place for it here, not even in the notes."""
    KEPT_IN_NOTES = "kept_in_notes"
    SHORTENED = "shortened"
    """Too long for its field; the whole of it is in the notes, if it is not the notes themselves."""
    GUESSED = "guessed"
    """Read as well as possible, but a person should look at it: a name that was taken apart, an encoding."""
    BROKEN = "broken"
    """The file is damaged here, and this is what could be read."""


REFUSALS = frozenset({ProblemKind.NOT_A_CONTACT, ProblemKind.EMPTY, ProblemKind.TOO_LARGE, ProblemKind.TOO_MANY})


class Problem(Struct, frozen=True, omit_defaults=True):
    """`field`: the property or column, as the file calls it; `detail`: a sentence or the beginning of the value."""

    kind: ProblemKind
    field: str = ""
    detail: str = ""


class Row(Struct, frozen=True, omit_defaults=True):
    """One card or one row. `number` counts from 1, `line` is where it begins in the file. No contact: the problems say
    why, and the first of them is one of REFUSALS."""

    number: int
    line: int
    contact: ImportedContact | None = None
    problems: list[Problem] = []
