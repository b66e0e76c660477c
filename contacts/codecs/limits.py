"""How much a file, a card and a field may have, and what each limit protects."""

from msgspec import Struct

from wire.contacts import MOST_VALUES


class FileLimits(Struct, frozen=True):
    """Lengths in bytes for cards and files, in characters otherwise."""

    file_bytes: int = 64 * 1024 * 1024
    """A few thousand cards with photos. A file is held in memory once, and decoded piece by piece."""
    contacts: int = 50_000
    """As many as a domain may share."""
    card_bytes: int = 256 * 1024
    """One card without its photos, sounds and keys: what is decoded in one piece."""
    line: int = 128 * 1024
    """One line of a table, and one cell (which may have several lines)."""
    lines_in_row: int = 2_000
    """Where a quotation mark that is never closed is given up."""
    nesting: int = 8
    """Cards within cards (AGENT)."""
    fields: int = 1_000
    """Properties of one card, and columns of a table."""


FILE_LIMITS = FileLimits()

# Of fields, as wire/contacts.py has them.
LINE = 200
LABEL = 64
NUMBER = 64
EMAIL = 254
UID = 255
TAG = 64
STREET = 400
POSTAL_CODE = 64
NOTES = 8_000
MOST_OF_A_KIND = MOST_VALUES
"""Numbers, e-mail addresses, postal addresses or tags of one contact."""
DETAIL = 120
"""What a problem quotes of a value."""
