"""What a search compares: texts without accents, case and punctuation between digits. Pure."""

import unicodedata
from collections.abc import Iterable

from wire.contacts import ContactFields

_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h"})
"""Letters which Unicode does not take apart, but which people type without their stroke."""


def fold(text: str) -> str:
    """`Müller` and `MULLER` become the same: no case, no accents, single spaces."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(letter for letter in apart if not unicodedata.combining(letter))
    return " ".join(unicodedata.normalize("NFC", bare).translate(_LETTERS).split())


def search_text(contact: ContactFields) -> str:
    """Everything about a contact that a search looks at, folded, one part a line."""
    return "\n".join(part for part in map(fold, _parts(contact)) if part)


def _parts(contact: ContactFields) -> Iterable[str]:
    yield " ".join(part for part in (contact.first_name, contact.middle_name, contact.last_name) if part)
    yield contact.company
    yield contact.department
    yield contact.job_title
    yield from contact.tags
    yield from (each.email for each in contact.emails)
    for each in contact.numbers:
        yield each.number
        yield "".join(letter for letter in each.number if letter.isalnum())
