"""The figures that are told of a campaign, and the lines of the one table."""

from collections.abc import Callable, Mapping, Sequence
from statistics import median

from msgspec import Struct

from bench.peers.measured import (
    Campaign,
    Measured,
    Spread,
    cpu_for_each_delivery,
    cpu_for_each_unit,
    memory_for_each,
    ratio,
    spread_of,
    undisturbed,
    units_a_second,
)
from bench.peers.scenarios import OURS, SCENARIOS, Scenario

LIMIT = "send() in C"


class Figure(Struct, frozen=True):
    """What is told of one phase of a scenario; `more_is_better`, else less is."""

    title: str
    unit: str
    scenario: str
    phase: str
    value: Callable[[Measured], float]
    more_is_better: bool = False


class Cell(Struct, frozen=True):
    """One server's figure; `times`: how many times ours, in the middle of the turns."""

    figure: Spread
    times: float | None


class Line(Struct, frozen=True):
    figure: Figure
    cells: Mapping[str, Cell]

    def ahead(self) -> list[str]:
        """Who is better than we are. The physical limit is no server."""
        ours = self.cells.get(OURS)
        if ours is None:
            return []
        mine = ours.figure.middle
        return [
            name
            for name, cell in self.cells.items()
            if name not in (OURS, LIMIT)
            and (cell.figure.middle > mine if self.figure.more_is_better else cell.figure.middle < mine)
        ]


def milliseconds(name: str) -> Callable[[Measured], float]:
    def value(phase: Measured) -> float:
        return float(getattr(phase, name)) / 1_000

    return value


def _seconds(phase: Measured) -> float:
    return phase.seconds


def _of_a_directory(name: str) -> list[Figure]:
    rate = f"{SCENARIOS[name].rate:.0f} changes a second"
    return [
        Figure("CPU for each delivered change, as many as it can", "us", name, "saturated", cpu_for_each_delivery),
        Figure("changes a second, as many as it can", "/s", name, "saturated", units_a_second, more_is_better=True),
        Figure(f"CPU for each delivered change, {rate}", "us", name, "paced", cpu_for_each_delivery),
        Figure(f"until it is seen, {rate}: median", "ms", name, "paced", milliseconds("p50")),
        Figure(f"until it is seen, {rate}: 99 of 100", "ms", name, "paced", milliseconds("p99")),
        Figure("everybody logs in: CPU for each", "ms", name, "login", cpu_for_each_unit),
        Figure("everybody logs in: until all see all", "s", name, "login", _seconds),
        Figure("memory for each", "KiB", name, "memory", memory_for_each),
    ]


def _of_chat(name: str) -> list[Figure]:
    return [
        Figure("messages a second, as many as it can", "/s", name, "saturated", units_a_second, more_is_better=True),
        Figure("CPU for each, as many as it can", "us", name, "saturated", cpu_for_each_delivery),
        Figure("CPU for each, 200 a second", "us", name, "paced", cpu_for_each_delivery),
        Figure("until the other has it, 200 a second: median", "ms", name, "paced", milliseconds("p50")),
        Figure("until the other has it, 200 a second: 99 of 100", "ms", name, "paced", milliseconds("p99")),
    ]


FIGURES: Sequence[Figure] = (
    *_of_a_directory("directory_200"),
    *_of_a_directory("directory_500"),
    *_of_chat("chat_kept"),
    *_of_chat("chat_unkept"),
    Figure("memory for each", "KiB", "idle", "memory", memory_for_each),
    Figure("CPU for each login", "ms", "idle", "login", cpu_for_each_unit),
    Figure("CPU for each delivery, as many as it can", "us", "fan_out", "saturated", cpu_for_each_delivery),
    Figure("CPU for each delivery, 2 messages a second", "us", "fan_out", "paced", cpu_for_each_delivery),
    Figure("until it is there, 2 a second: median", "ms", "fan_out", "paced", milliseconds("p50")),
    Figure("memory for each", "KiB", "fan_out", "memory", memory_for_each),
)


def lines_of(campaign: Campaign) -> list[Line]:
    """A line for each figure of which there is anything."""
    lines = [Line(figure, _cells(campaign, figure)) for figure in FIGURES]
    return [line for line in lines if line.cells]


def _cells(campaign: Campaign, figure: Figure) -> dict[str, Cell]:
    cells, ours = {}, _by_turn(campaign, figure, OURS)
    for system in _systems(SCENARIOS[figure.scenario]):
        if system == LIMIT and figure.phase == "memory":
            continue
        values = _by_turn(campaign, figure, system)
        spread = spread_of(list(values.values()))
        if spread is not None:
            times = ratio(values, ours) if system != OURS else None
            cells[system] = Cell(spread, times)
    return cells


def _by_turn(campaign: Campaign, figure: Figure, system: str) -> dict[int, float]:
    phases = [
        phase
        for phase in campaign.measured
        if (phase.scenario, phase.phase, phase.system) == (figure.scenario, figure.phase, system)
    ]
    return {phase.turn: figure.value(phase) for phase in undisturbed(phases)}


def disturbance(campaign: Campaign, scenario: str) -> float:
    """Processors that others used in the middle of a scenario's phases."""
    used = [each.others for each in campaign.measured if each.scenario == scenario and each.phase != "memory"]
    return float(median(used)) if used else 0.0


def _systems(scenario: Scenario) -> Sequence[str]:
    return sorted(scenario.systems, key=lambda system: system != OURS)
