"""A file of contacts of any kind, row by row: recognise what it is, then read it.

    file = read_contacts(data)
    file.format, file.encoding                    # known at once, before any row was read
    for row in file:                              # each row when it is asked for; stop whenever you like
        row.contact, row.problems, file.fraction_read

What is read at any moment is one row, so that memory does not grow with the file. Nothing here waits or looks at a
clock: run it in a thread.
"""

from collections.abc import Iterator, Sequence
from typing import Protocol

from contacts.codecs.contentlines import without_folds
from contacts.codecs.encodings import USUAL, Encoding, as_utf8, is_utf8, known_encoding, recognise_encoding
from contacts.codecs.limits import FILE_LIMITS, FileLimits
from contacts.codecs.model import Format, Row
from contacts.codecs.recognising import recognise_format, refuse_what_is_no_text
from contacts.codecs.table_opening import DELIMITERS, open_table
from contacts.codecs.vcard_reading import VCardReader, with_plain_line_ends
from wire.errors import Invalid, TooLarge


class Reader(Protocol):
    """One format. `read_until`: how many bytes of `data` have been dealt with."""

    @property
    def read_until(self) -> int: ...

    def rows(self, data: bytes) -> Iterator[Row]: ...


class ReadFile:
    """What a file was recognised as, and its rows; iterate once.

    `encoding_is_sure`: the file says so itself, is UTF-8, or a person said so. `delimiter`: of tables, else empty.
    `columns`: of tables, each column's name and what it was taken for (empty: nothing, and its cells go to the notes).
    """

    def __init__(
        self,
        kind: Format,
        encoding: Encoding,
        reader: Reader,
        data: bytes,
        *,
        delimiter: str = "",
        columns: Sequence[tuple[str, str]] = (),
    ) -> None:
        self.format = kind
        self.encoding = encoding.name
        self.encoding_is_sure = encoding.is_sure
        self.delimiter = delimiter
        self.columns = columns
        self._reader = reader
        self._size = len(data)
        self._rows = reader.rows(data)

    def __iter__(self) -> Iterator[Row]:
        return self._rows

    @property
    def fraction_read(self) -> float:
        """From 0 to 1, for a bar that shows progress."""
        return min(1.0, self._reader.read_until / max(1, self._size))


def read_contacts(
    data: bytes,
    *,
    kind: Format | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    limits: FileLimits = FILE_LIMITS,
) -> ReadFile:
    """Recognises the file; what is given counts instead of what would be recognised.

    Raises TooLarge for a file over the limit, and Invalid for one that has no contacts in any format we know (field
    `file`), for an unknown encoding (`encoding`) or delimiter (`delimiter`).
    """
    if len(data) > limits.file_bytes:
        raise TooLarge(f"The file has more than {limits.file_bytes // 1024 // 1024} MB", field="file")
    if not data or data.isspace():
        raise Invalid("The file is empty", field="file")
    if delimiter is not None and delimiter not in DELIMITERS:
        raise Invalid("Cells are divided by a comma, a semicolon, a tab or a vertical bar", field="delimiter")
    refuse_what_is_no_text(data)
    found = recognise_encoding(data)
    is_forced = encoding is not None
    if encoding is not None:
        found = known_encoding(encoding, found)
    recognised = kind or recognise_format(data, found)
    if recognised is Format.VCARD:
        if not found.is_sure and is_utf8(without_folds(data)):
            # A fold may stand within a letter.
            found = Encoding("utf-8")
        return _read_vcard(data, found, limits, is_forced=is_forced)
    may_be_damaged = found.name != "utf-8" or not is_utf8(data)
    opened = open_table(data, found, delimiter, limits, kind=kind, may_be_damaged=may_be_damaged)
    return ReadFile(
        opened.columns.kind,
        opened.encoding,
        opened.reader,
        data,
        delimiter=opened.delimiter,
        columns=opened.columns.told(),
    )


def _read_vcard(data: bytes, encoding: Encoding, limits: FileLimits, *, is_forced: bool) -> ReadFile:
    """Any encoding but one that is like ASCII is made UTF-8 first; the others each card decodes for itself."""
    if encoding.name.startswith(("utf-16", "utf-32", "utf_16", "utf_32")):
        text, reader = as_utf8(data, encoding), VCardReader(limits)
    else:
        text = data[encoding.begin :] if encoding.begin else data
        fallback = USUAL if encoding.name == "utf-8" else encoding.name
        reader = VCardReader(
            limits, fallback, is_forced=is_forced and encoding.name != "utf-8", is_told=not encoding.is_sure
        )
    return ReadFile(Format.VCARD, encoding, reader, with_plain_line_ends(text))
