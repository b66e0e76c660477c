"""The table of docs/operations/faults.md."""

from collections.abc import Sequence

from tests.support.faults.judge import Verdict
from tests.support.faults.table import FAULTS

_HEAD = """# What each fault does to people

Written by `python3 dev.py faults`, which breaks everything once on the machine that it runs on: six people on two
gateways behind a proxy turn Do Not Disturb on and off, phone, and write to each other, some twenty acts a second, while
it happens. Heartbeats come every 2 seconds here, every 20 by default: what goes by silence (a gateway that hangs, lines
that swallow) takes as much longer then. The tests hold every fault to what may be noticed at most; what is marked
with * takes long, and only this command has the time for it.

* **wrong**: the longest that a screen showed something that was not true any more, as if it were known
* **unknown**: the longest that a screen said that it does not know, or that it is not connected
* **waited**: the longest that somebody waited until an act was confirmed (the client repeats it until then)
* **well again**: from the end of the fault until everybody had done two things that all others saw

| what breaks | for | wrong | unknown | waited | well again | messages acknowledged / lost / twice | reconnections |
| --- | --- | --- | --- | --- | --- | --- | --- |
"""


def written(verdicts: Sequence[Verdict]) -> str:
    whats = {fault.name: fault.what + (" *" if fault.is_long else "") for fault in FAULTS}
    rows = [
        f"| {whats[each.fault]} | {each.lasted} s | {each.wrong} s | {each.unknown} s | {each.unanswered} s | "
        f"{each.recovered} s | {each.sent} / {each.lost} / {each.twice} | {each.reconnects} |"
        for each in verdicts
    ]
    return _HEAD + "\n".join(rows) + "\n"
