"""Google's, Outlook's and any other table: one row becomes one contact, by what its columns mean."""

import re
from collections.abc import Iterator, Sequence

from contacts.codecs.columns import Columns
from contacts.codecs.drafting import Draft, quoted
from contacts.codecs.encodings import without_lone_bytes
from contacts.codecs.limits import FileLimits
from contacts.codecs.model import Problem, ProblemKind, Row
from contacts.codecs.parts import SPREADSHEET_ERRORS
from contacts.codecs.table_plan import TablePlan
from contacts.codecs.tables import Table, TableRow

_QUOTED_FORMULA = re.compile(r"'+[=+\-@＝＋－＠\t\r]")
_TEXT_FORMULA = re.compile(r'="((?:[^"]|"")*)"')


class TableReader:
    """Reads one file by its columns, after its header."""

    def __init__(
        self,
        table: Table,
        columns: Columns,
        before: Sequence[TableRow],
        limits: FileLimits,
        *,
        may_be_damaged: bool = False,
    ) -> None:
        self._table = table
        self._before = before
        """What stands above the header."""
        self._limits = limits
        self._may_be_damaged = may_be_damaged
        """Whether there may be bytes in the cells that could not be decoded."""
        self._names = columns.names
        self._width = len(columns.names)
        self._plan = TablePlan(columns)

    @property
    def read_until(self) -> int:
        return self._table.read_until

    def rows(self, _: bytes) -> Iterator[Row]:
        number = 0
        for row in self._before:
            number += 1
            yield Row(
                number,
                row.line,
                None,
                [Problem(ProblemKind.NOT_A_CONTACT, "", quoted("; ".join(filter(None, row.cells))))],
            )
        for row in self._table.rows(self._width):
            if not any(row.cells) and not row.problem:
                continue
            number += 1
            if number > self._limits.contacts:
                yield Row(number, row.line, None, [Problem(ProblemKind.TOO_MANY, "", f"more than {number - 1} rows")])
                return
            yield self._row(number, row)

    def _row(self, number: int, row: TableRow) -> Row:
        cells = row.cells
        if not cells:
            return Row(number, row.line, None, [Problem(ProblemKind.TOO_LARGE, "", row.problem)])
        if cells[0].lstrip("\ufeff") == self._names[0] and cells[1:] == self._names[1:]:
            return Row(number, row.line, None, [Problem(ProblemKind.NOT_A_CONTACT, "", "the header once more")])
        draft = Draft()
        if row.problem:
            draft.tell(ProblemKind.BROKEN, "", row.problem)
        for cell in cells:
            if cell and (cell[0] in "'=#" or (self._may_be_damaged and not cell.isprintable())):
                cells = [self._mended(draft, each) for each in cells]
                break
        if len(cells) != self._width:
            cells = self._of_right_width(draft, cells)
        self._plan.read(draft, cells)
        contact = draft.finish()
        if contact is None:
            empty = Problem(ProblemKind.EMPTY, "", "the row says nothing of anybody")
            return Row(number, row.line, None, [empty, *draft.problems])
        return Row(number, row.line, contact, draft.problems)

    def _mended(self, draft: Draft, cell: str) -> str:
        """What spreadsheets need to leave a cell alone is taken off: `'+49...` and `="0049..."`."""
        if self._may_be_damaged and not cell.isprintable():
            whole = without_lone_bytes(cell)
            if whole != cell:
                draft.tell(ProblemKind.BROKEN, "encoding", whole)
                cell = whole
        if cell.startswith("'"):
            return cell[1:] if _QUOTED_FORMULA.match(cell) or cell.lstrip("'") in SPREADSHEET_ERRORS else cell
        if cell in SPREADSHEET_ERRORS:
            draft.tell(ProblemKind.BROKEN, "", f"a spreadsheet has written {cell} here")
            return ""
        text = _TEXT_FORMULA.fullmatch(cell.strip())
        return text[1].replace('""', '"') if text else cell

    def _of_right_width(self, draft: Draft, cells: list[str]) -> list[str]:
        """Cells that are missing are empty; those without a column are kept, for something is wrong with this row."""
        if len(cells) < self._width:
            return cells + [""] * (self._width - len(cells))
        further = [cell for cell in cells[self._width :] if cell.strip()]
        if further:
            draft.tell(ProblemKind.BROKEN, "", f"{len(cells)} cells, but {self._width} columns")
            draft.keep("", "Without a column", ", ".join(further))
        return cells[: self._width]
