"""What a scenario found: one table each, for people and as JSON."""

from collections.abc import Callable, Sequence
from statistics import median

from msgspec import Struct


class Row(Struct, frozen=True):
    """One figure. `goal`: what it should at most be (at least, if `at_least`); None: there is none."""

    what: str
    figure: float
    unit: str
    goal: float | None = None
    at_least: bool = False
    note: str = ""

    @property
    def verdict(self) -> str:
        if self.goal is None:
            return ""
        is_met = self.figure >= self.goal if self.at_least else self.figure <= self.goal
        return "met" if is_met else "missed"


class Table(Struct, frozen=True):
    title: str
    rows: list[Row]


def show(table: Table, tell: Callable[[str], None] = print) -> None:
    lines = [("", "figure", "", "goal", "", "")]
    for row in table.rows:
        goal = "" if row.goal is None else f"{'>=' if row.at_least else '<='} {number(row.goal)}"
        lines.append((row.what, number(row.figure), row.unit, goal, row.verdict, row.note))
    widths = [max(len(line[column]) for line in lines) for column in range(5)]
    tell(f"\n{table.title}")
    for what, figure, unit, goal, verdict, note in lines:
        tell(
            f"  {what:{widths[0]}}  {figure:>{widths[1]}} {unit:{widths[2]}}  {goal:>{widths[3]}}  "
            f"{verdict:{widths[4]}}  {note}".rstrip()
        )


def number(value: float) -> str:
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}" if value < 10 else f"{value:.1f}"


def spread(values: Sequence[float]) -> str:
    """The middle half, as a hint at how noisy the machine was."""
    ordered = sorted(values)
    quarter = len(ordered) // 4
    return f"{number(ordered[quarter])} to {number(ordered[-quarter - 1])}"


def middle(values: Sequence[float]) -> float:
    return float(median(values))
