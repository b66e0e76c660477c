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

from contacts.codecs.google_writing import GoogleColumns
from contacts.codecs.model import Format, ImportedContact
from contacts.codecs.outlook_writing import OutlookColumns
from contacts.codecs.parts import SPREADSHEET_ERRORS
from contacts.codecs.widths import Widths, wider

_FORMULA = re.compile(r"'*[=+\-@＝＋－＠\t\r]")
_TELEPHONE = re.compile(r"\+[0-9][0-9 ()./-]{2,40}(?: (?:ext\.?|x) ?[0-9]{1,8})?")
_PIECE = 200
"""Rows that are given out together."""


def widths_of(contacts: Iterable[ImportedContact], kind: Format) -> Widths:
    """What a file of these contacts needs: a first pass over them. The second one writes."""
    columns = GoogleColumns if kind is Format.GOOGLE else OutlookColumns
    needed = Widths()
    for contact in contacts:
        needed = wider(needed, columns.needed(contact))
    return needed


def write_google_csv(contacts: Iterable[ImportedContact], widths: Widths | None = None) -> Iterator[bytes]:
    """Without `widths`, the contacts are held in memory and looked at twice."""
    if widths is None:
        contacts = list(contacts)
        widths = widths_of(contacts, Format.GOOGLE)
    columns = GoogleColumns(widths)
    return _pieces(columns.header, columns.row, contacts)


def write_outlook_csv(contacts: Iterable[ImportedContact], widths: Widths | None = None) -> Iterator[bytes]:
    """Without `widths`, the contacts are held in memory and looked at twice."""
    if widths is None:
        contacts = list(contacts)
        widths = widths_of(contacts, Format.OUTLOOK)
    columns = OutlookColumns(widths)
    return _pieces(columns.header, columns.row, contacts)


def safe(cell: str) -> str:
    """A cell that no spreadsheet computes, and that nobody takes for what one has failed to compute."""
    if cell.lstrip("'") in SPREADSHEET_ERRORS:
        return "'" + cell
    if not _FORMULA.match(cell) or _TELEPHONE.fullmatch(cell):
        return cell
    return "'" + cell


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
