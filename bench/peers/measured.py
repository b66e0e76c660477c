"""What was measured, as it is kept, and the figures that are made of it."""

from collections.abc import Mapping, Sequence
from statistics import median

from msgspec import Struct


class Measured(Struct, frozen=True):
    """One phase of one turn. CPU in seconds, delays in microseconds, memory in bytes more than before anybody came."""

    system: str
    scenario: str
    phase: str
    turn: int
    units: int = 0
    """Logins, changes or messages; connections for memory."""
    delivered: int = 0
    seconds: float = 0
    cpu: Mapping[str, float] = {}
    memory: Mapping[str, int] = {}
    p50: float = 0
    p99: float = 0
    busy: float = 0
    """Of the clients: how much of the time they had something to do."""
    others: float = 0
    """Processors that everything else on the machine was using meanwhile."""


class Skip(Struct, frozen=True):
    system: str
    reason: str


class Campaign(Struct, frozen=True):
    """`versions` by system, as measured; everything of a scenario is from one run."""

    machine: str
    versions: Mapping[str, str]
    measured: Sequence[Measured]
    skipped: Sequence[Skip] = ()

    def merged_with(self, newer: "Campaign") -> "Campaign":
        """What this one has of scenarios and systems that the newer one did not play, and all of the newer one."""
        played = {each.scenario for each in newer.measured}
        again = {each.system for each in newer.measured} | {each.system for each in newer.skipped}
        return Campaign(
            newer.machine,
            {**self.versions, **newer.versions},
            [*(each for each in self.measured if each.scenario not in played), *newer.measured],
            [*(each for each in self.skipped if each.system not in again), *newer.skipped],
        )


QUIET = 0.25
"""Processors that others may use before a turn counts as disturbed."""


def undisturbed(phases: Sequence[Measured]) -> list[Measured]:
    """Without the disturbed ones, unless they all are."""
    return [phase for phase in phases if phase.others < QUIET] or list(phases)


class Spread(Struct, frozen=True):
    """The middle of several turns, and the least and the most."""

    middle: float
    least: float
    most: float


def spread_of(values: Sequence[float]) -> Spread | None:
    """None if there are no values."""
    return Spread(float(median(values)), min(values), max(values)) if values else None


def cpu_for_each_delivery(phase: Measured) -> float:
    """Microseconds, of everything that belongs to the server."""
    return sum(phase.cpu.values()) / phase.delivered * 1e6


def cpu_for_each_unit(phase: Measured) -> float:
    """Milliseconds."""
    return sum(phase.cpu.values()) / phase.units * 1e3


def memory_for_each(phase: Measured) -> float:
    """KiB."""
    return sum(phase.memory.values()) / phase.units / 1024


def units_a_second(phase: Measured) -> float:
    return phase.units / phase.seconds


def ratio(values: Mapping[int, float], ours: Mapping[int, float]) -> float | None:
    """How many times ours, in the middle of the turns that both had; by turn. None if there is none."""
    shared = [values[turn] / ours[turn] for turn in values if ours.get(turn)]
    return float(median(shared)) if shared else None
