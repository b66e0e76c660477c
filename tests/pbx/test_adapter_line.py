"""What is done about a line to a switch that is lost, refused, or stands."""

import asyncio

import pytest

from pbx.adapter.board import Board
from pbx.adapter.errors import LineLost, LineRefused
from pbx.adapter.line import Line, LineState, keep_line
from pbx.adapter.outbox import Outbox
from wire.ending import end

PAUSE = 0.001


class Clock:
    def __init__(self) -> None:
        self.now = 1_795_000_000.0

    def __call__(self) -> float:
        return self.now


class Reader:
    """Plays what is to happen each time that it is asked to follow; then it waits for ever."""

    where = "a switch"

    def __init__(self, clock: Clock, *plays: str) -> None:
        self._clock = clock
        self._plays = list(plays)
        self.is_idle = asyncio.Event()

    async def follow(self, board: Board, line: Line) -> None:  # noqa: ARG002
        play = self._plays.pop(0) if self._plays else "wait"
        if play != "refuse":
            line.connected()
        if play in ("up and lose", "up and refuse", "wait"):
            line.loaded()
        if play == "wait":
            self.is_idle.set()
            await asyncio.Event().wait()
        if play == "up and lose":
            self._clock.now += 60
        if play in ("refuse", "up and refuse"):
            raise LineRefused("the wrong password")
        raise LineLost("it broke")

    async def set_dnd(self, board: Board, user: str, on: bool) -> None:
        raise NotImplementedError

    async def renamed(self, user: str) -> None:
        raise NotImplementedError


async def states_of(*plays: str) -> tuple[list[LineState], Line]:
    """The states that the line goes through, until it stands for good."""
    clock = Clock()
    states: list[LineState] = []
    line = Line(clock, lambda: states.append(line.state), lambda: None)
    reader = Reader(clock, *plays)
    keeping = asyncio.ensure_future(keep_line(reader, Board(Outbox()), line, first_pause=PAUSE, refused_pause=PAUSE))
    idle = asyncio.ensure_future(reader.is_idle.wait())
    try:
        await asyncio.wait({keeping, idle}, timeout=30, return_when=asyncio.FIRST_COMPLETED)
        if keeping.done():
            keeping.result()
        assert reader.is_idle.is_set()
    finally:
        await end(keeping, idle)
    return states, line


async def test_a_line_is_tried_again_until_it_stands() -> None:
    states, line = await states_of("lose", "lose")
    assert states == [*[LineState.LOADING, LineState.DOWN] * 2, LineState.LOADING, LineState.UP]
    assert line.times_lost == 0


async def test_a_line_that_stood_is_counted_as_lost() -> None:
    states, line = await states_of("up and lose")
    assert states == [LineState.LOADING, LineState.UP, LineState.DOWN, LineState.LOADING, LineState.UP]
    assert line.times_lost == 1


async def test_a_refusal_at_the_start_is_the_end() -> None:
    with pytest.raises(LineRefused):
        await states_of("lose", "refuse")


async def test_a_refusal_later_is_waited_out() -> None:
    states, _ = await states_of("up and refuse", "refuse")
    assert states[-1] is LineState.UP
    assert states.count(LineState.DOWN) == 1


async def test_only_a_line_that_stood_for_a_while_is_tried_again_at_once() -> None:
    clock = Clock()
    line = Line(clock, lambda: None, lambda: None)
    line.connected()
    line.loaded()
    clock.now += 29
    assert not line.stood_for(30)
    clock.now += 1
    assert line.stood_for(30)
    line.lost()
    assert not line.stood_for(30)


async def test_who_wants_a_snapshot_gets_it_once_the_lists_have_been_read_again() -> None:
    wanted = []
    line = Line(Clock(), lambda: None, lambda: wanted.append(True))
    line.connected()
    line.loaded()
    assert wanted == []
    line.reread_wanted.set()
    await asyncio.wait_for(line.until_reread(600), 30)
    line.loaded()
    assert wanted == [True]
    assert not line.reread_wanted.is_set()
