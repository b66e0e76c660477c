"""The table of docs/operations/faults.md."""

from collections.abc import Mapping

from tests.support.faults.record import Seen, worst_of
from tests.support.faults.table import ALL_FAULTS, Fault

_HEAD = """# What each fault does to people

Written by `python3 dev.py faults`, which breaks everything on the machine that it runs on: six people on two
gateways behind a proxy turn Do Not Disturb on and off, phone, and write to each other, some twenty acts a second, while
it happens. Heartbeats come every 2 seconds here, every 20 by default: what goes by silence (a gateway that hangs, lines
that swallow) takes as much longer then. The tests hold every fault to what may be noticed at most; what is marked
with * takes long, and only this command has the time for it.

{times}
Each figure is the worst of the last {kept} runs of its fault; messages are those of these runs together.

* **wrong**: the longest that a screen showed something that was not true any more, as if it were known
* **unknown**: the longest that a screen said that it does not know, or that it is not connected
* **waited**: the longest that somebody waited until an act was confirmed (the client repeats it until then)
* **well again**: from the end of the fault until everybody had done two things that all others saw
* **lost**: acknowledged, and not in the database afterwards: only where PostgreSQL does not wait for its standby, and
  then it is gone from every screen, too
* **in a row**: how often lately it went as it should without failing once in between, lastly on that day

| {columns} |
| {rules} |
"""

_COLUMNS = (
    *("what breaks", "for", "wrong", "unknown", "waited", "well again"),
    *("messages acknowledged / lost / twice", "reconnections", "in a row"),
)


def written(seen: Mapping[str, Seen]) -> str:
    rows = [_row(fault, seen.get(fault.name, Seen())) for fault in ALL_FAULTS]
    kept = max((len(each.newest) for each in seen.values()), default=0)
    columns, rules = " | ".join(_COLUMNS), " | ".join("---" for _ in _COLUMNS)
    return _HEAD.format(times=_times(seen), kept=kept, columns=columns, rules=rules) + "\n".join(rows) + "\n"


def _times(seen: Mapping[str, Seen]) -> str:
    counts = [seen.get(fault.name, Seen()) for fault in ALL_FAULTS]
    least = min(each.in_a_row for each in counts)
    if not least:
        return "**Not everything went as it should the last time.**"
    days = sorted(each.on for each in counts)
    between = f"on {days[0]}" if days[0] == days[-1] else f"between {days[0]} and {days[-1]}"
    return f"All {len(counts)} went as they should at least {least} times in a row, the last time {between}."


def _row(fault: Fault, seen: Seen) -> str:
    what = fault.what + (" *" if fault.is_long else "")
    if not seen.newest:
        return f"| {what} |{' |' * (len(_COLUMNS) - 2)} 0 |"
    worst = worst_of(seen.newest)
    seconds = [worst.lasted, worst.wrong, worst.unknown, worst.unanswered, worst.recovered]
    messages = f"{worst.sent} / {worst.lost} / {worst.twice}"
    cells = [what, *(f"{each} s" for each in seconds), messages, str(worst.reconnects), f"{seen.in_a_row}, {seen.on}"]
    return f"| {' | '.join(cells)} |"
