"""What a search compares: texts without accents, case and punctuation between digits. Pure."""

import re
import unicodedata
from collections.abc import Iterable

from wire.contacts import ContactFields, Overlay

_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h", "ς": "σ"}
)
"""Letters which Unicode does not take apart, but which people type without their stroke."""

_SPLIT = re.compile(r"[\s!-/:-@\[-`{-~]+")
_LONGEST = 64
_MOST = 10
"""Words; who types more will not find more."""


def fold(text: str) -> str:
    """`Müller` and `MULLER` become the same: no case, no accents, single spaces."""
    if text.isascii():
        return " ".join(text.lower().split())
    # Accents go first: folding the case would make a letter of the iota below others.
    bare = _without_accents(_without_accents(text).casefold())
    return " ".join(unicodedata.normalize("NFC", bare).translate(_LETTERS).split())


def _without_accents(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def words_of(search: str) -> tuple[str, ...]:
    """What is searched for, word by word: each must be the beginning of a word, or of the end of a number.

    Split as storage splits what is searched in (the SQL function search_words).
    """
    words = [part[:_LONGEST] for part in _SPLIT.split(fold(search)) if part]
    return tuple(dict.fromkeys(words))[:_MOST]


def overlay_text(overlay: Overlay) -> str:
    """The same of what a viewer wrote down about a coworker."""
    return search_text(
        ContactFields(
            first_name=overlay.first_name,
            last_name=overlay.last_name,
            numbers=overlay.numbers,
            emails=overlay.emails,
        )
    )


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
        yield each.e164
