"""A table before its first row is read: what divides its cells, where its header is, what its columns mean."""

import re
from collections.abc import Sequence

from msgspec import Struct

from contacts.codecs.columns import Columns, columns_of
from contacts.codecs.encodings import Encoding
from contacts.codecs.limits import FileLimits
from contacts.codecs.meanings import Meaning
from contacts.codecs.model import Format
from contacts.codecs.table_reading import TableReader
from contacts.codecs.tables import Table, TableRow
from wire.errors import Invalid

DELIMITERS = (",", ";", "\t", "|")
_LOOKED_AT = 64 * 1024
_ROWS_LOOKED_AT = 10
_EXCEL_HINT = "sep="
"""The first line of a file for Excel may name the delimiter."""
_PHONE = re.compile(r"[+(]?\d[\d\s()./-]{4,}(?:\s*(?:x|ext\.?)\s*\d+)?")
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.\w+")
_NAMED = 5
"""How many column names an error quotes."""


class Opened(Struct):
    reader: TableReader
    columns: Columns
    encoding: Encoding
    delimiter: str


class _Header(Struct):
    """`rows_before`: how many rows stand above it; those that say nothing count."""

    columns: Columns
    rows_before: int
    delimiter: str
    is_there: bool = True


def open_table(
    data: bytes,
    encoding: Encoding,
    delimiter: str | None,
    limits: FileLimits,
    *,
    kind: Format | None = None,
    may_be_damaged: bool = False,
) -> Opened:
    """`kind`: what a person says that it is. `may_be_damaged`: not all of it is certain to be in this encoding.

    Raises Invalid (`file`) if no column means anything.
    """
    header = _find_header(data, encoding, delimiter, limits)
    if kind is not None and header.is_there:
        header.columns = columns_of(header.columns.names, kind)
    if len(header.columns.names) > limits.fields:
        raise Invalid(f"It has more than {limits.fields} columns", field="file")
    table = Table(data, encoding, header.delimiter, limits)
    before: list[TableRow] = []
    if header.is_there:
        rows = table.rows()
        for _ in range(header.rows_before):
            row = next(rows)
            if any(row.cells) and not row.cells[0].lower().startswith(_EXCEL_HINT):
                before.append(row)
        next(rows)
    reader = TableReader(table, header.columns, before, limits, may_be_damaged=may_be_damaged)
    return Opened(reader, header.columns, encoding, header.delimiter)


def _find_header(data: bytes, encoding: Encoding, delimiter: str | None, limits: FileLimits) -> _Header:
    first_rows = {
        each: _first_rows(data, encoding, each, limits) for each in ((delimiter,) if delimiter else DELIMITERS)
    }
    found = [header for each, rows in first_rows.items() if (header := _header_among(rows, each))]
    if found:
        return max(found, key=lambda header: header.columns.known)
    without = [header for each, rows in first_rows.items() if (header := _without_header(rows, each))]
    if without:
        return max(without, key=lambda header: header.columns.known)
    first = max((rows[0].cells for rows in first_rows.values() if rows), key=len, default=[])
    names = ", ".join(filter(None, (cell.strip()[:40] for cell in first[:_NAMED])))
    raise Invalid(f"None of its columns is known. They are called: {names}", field="file")


def _first_rows(data: bytes, encoding: Encoding, delimiter: str, limits: FileLimits) -> list[TableRow]:
    rows = []
    for row in Table(data[:_LOOKED_AT], encoding, delimiter, limits).rows():
        rows.append(row)
        if len(rows) >= _ROWS_LOOKED_AT:
            break
    return rows


def _header_among(rows: Sequence[TableRow], delimiter: str) -> _Header | None:
    """The first row of which most cells, or at least two, are names of columns."""
    for at, row in enumerate(rows):
        cells = [cell for cell in row.cells if cell.strip()]
        if not cells or any(_EMAIL.fullmatch(cell.strip()) for cell in cells):
            continue
        columns = columns_of(row.cells)
        if columns.known >= 2 or columns.known * 2 >= len(cells):
            return _Header(columns, at, delimiter)
    return None


def _without_header(rows: Sequence[TableRow], delimiter: str) -> _Header | None:
    """By what the cells look like, where the first row is somebody already: an address, a number, a name."""
    row = next((row for row in rows if any(row.cells)), None)
    if row is None:
        return None
    meanings: list[Meaning | None] = []
    has_name = False
    for cell in map(str.strip, row.cells):
        if _EMAIL.fullmatch(cell):
            meanings.append(Meaning("email", "value", group=f"c{len(meanings)}"))
        elif _PHONE.fullmatch(cell):
            meanings.append(Meaning("number", "other"))
        elif cell and not has_name and not any(letter.isdigit() for letter in cell):
            has_name = True
            meanings.append(Meaning("field", "full_name"))
        else:
            meanings.append(None)
    if not any(meaning and meaning.kind in ("email", "number") for meaning in meanings):
        return None
    names = [f"Column {at}" for at in range(1, len(meanings) + 1)]
    return _Header(Columns(Format.TABLE, names, meanings), 0, delimiter, is_there=False)
