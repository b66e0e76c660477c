"""The rows of a CSV file as they are: cells, and what was wrong with the quotation marks.

One quotation mark that is never closed would swallow all rows after it. So rows are read strictly; where that fails,
the line is read by itself as well as possible, and reading goes on in the line after it.
"""

import csv
import io
from collections import deque
from collections.abc import Iterator

from msgspec import Struct

from contacts.codecs.encodings import Encoding
from contacts.codecs.limits import FileLimits

_BYTE_BY_BYTE = ("utf-8", "cp12", "iso8859", "koi8", "mac", "cp4", "cp8", "ascii", "tis")
_NOT_DOUBLED = "quotation marks within a cell were not doubled"


class TableRow(Struct):
    """`line`: where it begins, from 1. `problem`: empty, or what was wrong with it. No cells: it could not be read."""

    line: int
    cells: list[str]
    problem: str = ""


class _Over(Exception):
    """A row goes on and on."""


class _Lines:
    """Lines of a text with a way back; `taken` are those of the row that is being read."""

    def __init__(self, text: io.TextIOWrapper, limits: FileLimits) -> None:
        self._read = text.readline
        self._longest = limits.line
        self._again: deque[str] = deque()
        self.most_lines, self.most_letters = limits.lines_in_row, limits.line
        self.number = 0
        """Of the last line that was given out."""
        self.taken: list[str] = []
        self._letters = 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else self._read(self._longest)
        if not line:
            raise StopIteration
        self.number += 1
        self.taken.append(line)
        self._letters += len(line)
        if self._letters >= self.most_letters or len(self.taken) > self.most_lines:
            raise _Over
        return line

    def start_row(self) -> None:
        self.taken = []
        self._letters = 0

    def give_back(self, kept: int) -> None:
        """All lines of this row but the first `kept` are to be read again."""
        back = self.taken[kept:]
        self._again.extendleft(reversed(back))
        self.number -= len(back)
        del self.taken[kept:]

    def skip_rest_of_line(self, line: str) -> None:
        """The rest of a line that was too long to be taken in one piece."""
        while line and not line.endswith(("\n", "\r")):
            line = self._read(self._longest)

    def expect_less(self) -> None:
        """Less is read in vain after each row that went on and on, so that the time does not grow with the square."""
        self.most_lines = max(20, self.most_lines // 2)
        self.most_letters = max(8_192, self.most_letters // 2)


class Table:
    """Reads one file. `read_until`: how far, in bytes of the file."""

    def __init__(self, data: bytes, encoding: Encoding, delimiter: str, limits: FileLimits) -> None:
        self._file = io.BytesIO(data)
        self._file.seek(encoding.begin)
        # Bytes that are no letters stay in the text, for whoever reads the rows, where each stands for itself.
        errors = "surrogateescape" if encoding.name.startswith(_BYTE_BY_BYTE) else "replace"
        text = io.TextIOWrapper(self._file, encoding.name, errors=errors, newline="")
        self._lines = _Lines(text, limits)
        self._limits = limits
        self._delimiter = delimiter
        self._text = text

    @property
    def read_until(self) -> int:
        return self._file.tell()

    def rows(self, width: int = 0) -> Iterator[TableRow]:
        """`width`: how many cells a row should have, if that is known: a hint for broken ones."""
        lines = self._lines
        strict = csv.reader(lines, delimiter=self._delimiter, strict=True, skipinitialspace=True)
        while True:
            lines.start_row()
            at = lines.number + 1
            try:
                cells = next(strict)
            except StopIteration:
                return
            except (csv.Error, _Over) as failure:
                yield self._recovered(at, width, is_over=isinstance(failure, _Over))
                continue
            yield TableRow(at, cells)

    def _recovered(self, at: int, width: int, *, is_over: bool) -> TableRow:
        lines = self._lines
        first = lines.taken[0]
        if len(first) >= self._limits.line:
            lines.give_back(1)
            lines.skip_rest_of_line(first)
            return TableRow(at, [], f"a line of more than {self._limits.line} letters")
        if is_over:
            lines.expect_less()
        if first.count('"') % 2 and not is_over:
            whole = "".join(lines.taken)
            cells = split_leniently(whole, self._delimiter)
            if len(cells) == width and whole.count('"') % 2 == 0:
                return TableRow(at, cells, _NOT_DOUBLED)
        lines.give_back(1)
        problem = "a quotation mark is never closed" if first.count('"') % 2 else _NOT_DOUBLED
        return TableRow(at, split_leniently(first, self._delimiter), problem)


def split_leniently(line: str, delimiter: str) -> list[str]:
    """Of a line whose quotation marks are wrong: one that closes a cell stands before a delimiter or at the end."""
    line = line.rstrip("\r\n")
    cells, at, may_close = [], 0, True
    while at <= len(line):
        if line[at : at + 1] == " " != delimiter:
            at += 1
            continue
        if may_close and line[at : at + 1] == '"':
            end, after = _end_of_quoted(line, at, delimiter)
            may_close = end >= 0
            if may_close:
                cells.append(line[at + 1 : end].replace('""', '"'))
                at = after
                continue
        end = line.find(delimiter, at)
        end = len(line) if end < 0 else end
        cells.append(line[at:end].strip().removeprefix('"'))
        at = end + 1
    return cells


def _end_of_quoted(line: str, at: int, delimiter: str) -> tuple[int, int]:
    """Where its last quotation mark stands, and where the next cell begins; -1 if it is never closed."""
    end = at
    while (end := line.find('"', end + 1)) >= 0:
        after = end + 1
        while line[after : after + 1] == " " != delimiter:
            after += 1
        if line[after : after + 1] in ("", delimiter):
            return end, after + 1
        if line[end + 1] == '"':
            end += 1
    return -1, -1
