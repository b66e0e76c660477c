"""A day in an office, as its switch sees it: who comes when, who calls whom and for how long. Pure.

The same seed gives the same day. Nobody is real, and neither are the numbers: about as busy as a sales office.
"""

import heapq
import random
from collections.abc import Generator, Iterator, Sequence
from itertools import count
from typing import NamedTuple

from msgspec.structs import replace

from pbx.simulation.script import AnyStep, Call, Dnd, Register, Unregister
from wire.ingest import Phase

HOUR = 3_600.0
MINUTE = 60.0
DAY = 24 * HOUR

_OPENS, _CLOSES = 7.5 * HOUR, 18.5 * HOUR
_CALLS_AN_HOUR = 5.0
_TALK_SECONDS = 150.0
_RING_SECONDS = 7.0
_ANSWERED, _REFUSED = 0.75, 0.1
_HELD = 0.15
_INTERNAL = 0.5
_MEETINGS = 1.5
"""Do Not Disturb, so often a day and person."""
_WITH_MOBILE = 0.4
LEASE = 600.0


class _Shift(NamedTuple):
    begins: float
    ends: float


def day_steps(users: Sequence[str], seed: int, begins: float = 0.0) -> list[AnyStep]:
    """A whole day from midnight, with what comes before `begins` (seconds since midnight) all at once at its start."""
    timed = sorted(_day(list(users), random.Random(seed)), key=lambda each: each[0])  # noqa: S311 - no secret
    steps: list[AnyStep] = []
    now = begins
    for at, step in _without_what_is_over(timed, begins):
        steps.append(replace(step, after=max(0.0, at - now)))
        now = max(now, at)
    return steps


def days(users: Sequence[str], seed: int, begins: float) -> Iterator[AnyStep]:
    """Day after day without end, each another one, with the nights between; the first from `begins` on."""
    pause = 0.0
    while True:
        at = begins
        for step in day_steps(users, seed, begins):
            at += step.after
            yield replace(step, after=step.after + pause)
            pause = 0.0
        pause, begins, seed = DAY - at, 0.0, seed + 1


def _without_what_is_over(timed: list[tuple[float, AnyStep]], begins: float) -> Iterator[tuple[float, AnyStep]]:
    """Of calls that were over before the beginning nothing is told; they would only blink."""
    over = {step.call for at, step in timed if isinstance(step, Call) and step.phase is Phase.ENDED and at <= begins}
    for at, step in timed:
        if not (isinstance(step, Call) and step.call in over):
            yield at, step


def _day(users: list[str], choice: random.Random) -> Iterator[tuple[float, AnyStep]]:
    shifts = {user: _shift(choice) for user in users}
    for user, shift in shifts.items():
        yield from _presence(user, shift, choice)
        yield from _meetings(user, shift, choice)
    yield from _calls(users, shifts, choice)


def _shift(choice: random.Random) -> _Shift:
    begins = min(max(choice.gauss(8.5 * HOUR, 0.5 * HOUR), _OPENS), 10 * HOUR)
    return _Shift(begins, min(max(choice.gauss(17 * HOUR, 0.6 * HOUR), 15 * HOUR), _CLOSES))


def _presence(user: str, shift: _Shift, choice: random.Random) -> Iterator[tuple[float, AnyStep]]:
    yield shift.begins, Register(user=user, device="desk", seconds=LEASE)
    yield shift.ends, Unregister(user=user, device="desk")
    if choice.random() < _WITH_MOBILE:
        yield shift.begins - 20 * MINUTE, Register(user=user, device="mobile", seconds=LEASE)
        yield shift.ends + 90 * MINUTE, Unregister(user=user, device="mobile")
    else:
        lunch = choice.uniform(11.75, 13.0) * HOUR
        yield lunch, Unregister(user=user, device="desk")
        yield lunch + choice.uniform(25, 55) * MINUTE, Register(user=user, device="desk", seconds=LEASE)


def _meetings(user: str, shift: _Shift, choice: random.Random) -> Iterator[tuple[float, AnyStep]]:
    at = shift.begins
    while (at := at + choice.expovariate(_MEETINGS / (shift.ends - shift.begins))) < shift.ends - 20 * MINUTE:
        yield at, Dnd(user=user, on=True)
        at += min(choice.uniform(15, 60) * MINUTE, shift.ends - at)
        yield at, Dnd(user=user, on=False)


def _calls(users: list[str], shifts: dict[str, _Shift], choice: random.Random) -> Iterator[tuple[float, AnyStep]]:
    """Nobody is in two calls: whoever would call while one is on calls when it is over."""
    number = count(1)
    wishes = [(shift.begins + choice.expovariate(_CALLS_AN_HOUR / HOUR), user) for user, shift in shifts.items()]
    heapq.heapify(wishes)
    free_at = {user: shift.begins for user, shift in shifts.items()}
    while wishes:
        at, user = heapq.heappop(wishes)
        if at >= shifts[user].ends - 10 * MINUTE:
            continue
        if at >= free_at[user]:
            other = _partner(user, users, shifts, free_at, at, choice)
            ends = yield from _one_call(f"day-{next(number)}", user, other, at, choice)
            free_at[user] = ends + 5
            if other is not None:
                free_at[other] = ends + 5
        heapq.heappush(wishes, (max(at, free_at[user]) + choice.expovariate(_CALLS_AN_HOUR / HOUR), user))


def _partner(
    user: str,
    users: list[str],
    shifts: dict[str, _Shift],
    free_at: dict[str, float],
    at: float,
    choice: random.Random,
) -> str | None:
    """Somebody who is there and free; None: an outside number."""
    if choice.random() > _INTERNAL:
        return None
    there = [
        each
        for each in users
        if each != user and shifts[each].begins < at < shifts[each].ends - 10 * MINUTE and free_at[each] <= at
    ]
    return choice.choice(there) if there else None


def _one_call(
    call: str, user: str, other: str | None, at: float, choice: random.Random
) -> Generator[tuple[float, AnyStep], None, float]:
    """Returns when it is over. With an outside number, half of the calls come in."""
    is_incoming = other is None and choice.random() < 0.5
    caller, callee = (None, user) if is_incoming else (user, other)

    def comes_into(phase: Phase) -> Call:
        return Call(call=call, phase=phase, caller=caller, callee=callee)

    yield at, comes_into(Phase.TRYING)
    at += choice.uniform(0.3, 1.5)
    yield at, comes_into(Phase.RINGING)
    outcome = choice.random()
    at += choice.expovariate(1 / _RING_SECONDS) + 1
    if outcome < _ANSWERED:
        yield at, comes_into(Phase.ACTIVE)
        talk = choice.expovariate(1 / _TALK_SECONDS) + 5
        if choice.random() < _HELD:
            yield at + talk * 0.4, comes_into(Phase.HELD)
            yield at + talk * 0.6, comes_into(Phase.ACTIVE)
        at += talk
    elif outcome > 1 - _REFUSED:
        at += 0.5
    else:
        at += 20
    yield at, comes_into(Phase.ENDED)
    return at
