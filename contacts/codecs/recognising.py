"""What kind of file this is, by how it begins."""

import re

from contacts.codecs.encodings import Encoding
from contacts.codecs.model import Format
from wire.errors import Invalid

_NO_TEXT = (
    (b"PK\x03\x04", "This is an Excel workbook or an archive: save it as CSV, or unpack it, and try again"),
    (b"\xd0\xcf\x11\xe0", "This is a file of an old Office program: save it as CSV and try again"),
    (b"!BDN", "This is an Outlook data file: export the contacts as CSV and try again"),
    (b"\x1f\x8b", "This is an archive: unpack it and try again"),
    (b"%PDF", "This is a PDF: only vCard and CSV files have contacts that can be read"),
    (b"\x89PNG", "This is a picture: only vCard and CSV files have contacts that can be read"),
    (b"\xff\xd8\xff", "This is a picture: only vCard and CSV files have contacts that can be read"),
    (b"SQLite format 3", "This is a database: only vCard and CSV files have contacts that can be read"),
)
_OTHER_TEXT = (
    (re.compile(rb"\s*<(?:\?xml|!doctype|html|vcards|contacts)", re.IGNORECASE), "This is XML or a web page"),
    (re.compile(rb'\s*[\[{]\s*["{\[]'), "This is JSON"),
    (re.compile(rb"\s*(?:version: \d\s+)?dn::? ", re.IGNORECASE), "This is LDIF"),
    (re.compile(rb"\s*BEGIN:VCALENDAR", re.IGNORECASE), "This is a calendar"),
)
_CARD = re.compile(rb"^[ \t]*(?:[\w-]+\.)?BEGIN[ \t]*:[ \t]*VCARD", re.IGNORECASE | re.MULTILINE)
_LOOKED_AT = 256 * 1024


def refuse_what_is_no_text(data: bytes) -> None:
    """Raises Invalid, which says what to do instead."""
    for begin, message in _NO_TEXT:
        if data.startswith(begin):
            raise Invalid(message, field="file")
    for pattern, message in _OTHER_TEXT:
        if pattern.match(data, 3 if data.startswith(b"\xef\xbb\xbf") else 0):
            raise Invalid(f"{message}: only vCard and CSV files have contacts that can be read", field="file")


def recognise_format(data: bytes, encoding: Encoding) -> Format:
    """VCARD, or TABLE: what kind of table it is, its columns say (contacts/codecs/tables.py)."""
    beginning = data[encoding.begin : _LOOKED_AT]
    if encoding.name.startswith("utf-"):
        beginning = beginning.replace(b"\0", b"")
    return Format.VCARD if _CARD.search(beginning.replace(b"\r", b"\n")) else Format.TABLE
