"""What was seen of each fault, over several runs of the command, in a file beside the table.

A fault that was not survived begins to count anew: the table says how often in a row each was.
"""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import asdict

from tests.support.faults.judge import Verdict

KEPT = 3
"""Runs of each fault whose figures are kept: the table shows the worst of them."""


class Seen(Struct):
    """`in_a_row`: how often the fault was survived since it was not, lastly on that day; `newest` of them first."""

    in_a_row: int = 0
    on: str = ""
    newest: list[Verdict] = []


class Record:
    """`written(seen)` makes the table; it is written anew with every run, so that an end at any time loses nothing."""

    def __init__(self, table: Path, written: Callable[[dict[str, Seen]], str]) -> None:
        self._table, self._file = table, table.with_suffix(".json")
        self._written = written
        known = self._file.read_bytes() if self._file.exists() else b"{}"
        self.seen = msgspec.json.decode(known, type=dict[str, Seen])

    def times(self, fault: str) -> int:
        """How often in a row it was survived."""
        return self.seen[fault].in_a_row if fault in self.seen else 0

    def survived(self, verdict: Verdict, on: dt.date) -> None:
        before = self.seen.get(verdict.fault, Seen())
        newest = [verdict, *before.newest][:KEPT]
        self._keep(verdict.fault, Seen(before.in_a_row + 1, on.isoformat(), newest))

    def not_survived(self, fault: str) -> None:
        self._keep(fault, Seen())

    def _keep(self, fault: str, seen: Seen) -> None:
        self.seen[fault] = seen
        self._file.write_bytes(msgspec.json.format(msgspec.json.encode(dict(sorted(self.seen.items())))) + b"\n")
        self._table.write_text(self._written(self.seen), encoding="utf-8")


def worst_of(verdicts: list[Verdict]) -> Verdict:
    """Of each figure the greatest; of messages all together."""
    figures = [asdict(each) for each in verdicts]
    together = {
        name: sum(each[name] for each in figures)
        if name in ("sent", "lost", "twice")
        else max(each[name] for each in figures)
        for name in Verdict.__struct_fields__
    }
    return Verdict(**together)
