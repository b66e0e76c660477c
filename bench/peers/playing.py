"""Plays a scenario: all its servers at once, one of them at work at a time, by turns in random order."""

import asyncio
import random
import shutil
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path

from bench.compiling import compiled, temporary_folder
from bench.machine import busy_seconds, cpu_seconds
from bench.peers.crowd import Answer, Crowd, Failed
from bench.peers.measured import Measured, Skip
from bench.peers.running import Place, Running
from bench.peers.scenarios import STARTS, Scenario
from bench.skipped import Skipped

_WARM_UP_PEOPLE = 50
_LONGEST_LOGIN = 240
_QUIET = 0.03
"""Of a processor."""
_QUIET_WITHIN = 60.0

Tell = Callable[[str], None]


class _Server:
    """One server of a scenario with its clients."""

    def __init__(self, name: str, scenario: str, playing: Scenario, running: Running, crowd: Crowd) -> None:
        self.name = name
        self._scenario = scenario
        self._playing = playing
        self._running = running
        self._crowd = crowd
        self._before: dict[str, int] = {}

    async def warm_up(self) -> None:
        """What a server needs for its first clients is not charged to those who come then."""
        if self._running.protocol != "plain":
            await self._crowd.order(f"login {_WARM_UP_PEOPLE} {self._playing.at_once} {_LONGEST_LOGIN}")
            await self.log_out()
        self._before = self._running.memory()

    async def log_in(self, turn: int) -> Measured:
        people = self._playing.scene.people
        return await self._measured("login", turn, f"login {people} {self._playing.at_once} {_LONGEST_LOGIN}")

    async def log_out(self) -> None:
        await self._crowd.order("logout")
        await self.rest()

    async def work(self, phase: str, turn: int, order: str) -> Measured:
        measured = await self._measured(phase, turn, order)
        await asyncio.sleep(0.5)
        return measured

    async def rest(self) -> None:
        """Until it has nothing left to do."""
        quiet, spent = 0, sum(self._running.cpu().values())
        for _ in range(int(_QUIET_WITHIN / 0.5)):
            await asyncio.sleep(0.5)
            before, spent = spent, sum(self._running.cpu().values())
            quiet = quiet + 1 if (spent - before) / 0.5 < _QUIET else 0
            if quiet == 3:
                return

    def memory(self) -> Measured:
        now = self._running.memory()
        grown = {part: size - self._before[part] for part, size in now.items()}
        return Measured(self.name, self._scenario, "memory", 0, units=self._playing.scene.people, memory=grown)

    def _elsewhere(self) -> float:
        """Seconds that processors have worked for neither this server nor its clients."""
        return busy_seconds() - sum(self._running.cpu().values()) - cpu_seconds(self._crowd.pid)

    async def _measured(self, phase: str, turn: int, order: str) -> Measured:
        before, elsewhere, clock = self._running.cpu(), self._elsewhere(), time.monotonic()
        told: Answer = await self._crowd.order(order)
        cpu = {part: spent - before[part] for part, spent in self._running.cpu().items()}
        others = (self._elsewhere() - elsewhere) / (time.monotonic() - clock)
        return Measured(
            self.name,
            self._scenario,
            phase,
            turn,
            units=told.sent,
            delivered=told.delivered,
            seconds=told.seconds,
            cpu=cpu,
            p50=told.p50,
            p99=told.p99,
            busy=told.busy,
            others=round(max(0.0, others), 3),
        )


async def play(
    name: str, scenario: Scenario, systems: Sequence[str], turns: int, end: float, tell: Tell
) -> tuple[list[Measured], list[Skip]]:
    """What was measured, and who could not be, and why. Raises Skipped without a C compiler.

    After `end` (of the monotonic clock) no further turn begins, but the first.
    """
    async with AsyncExitStack() as keep:
        folder = _folder(keep)
        load = compiled("load", folder, package="bench.peers.programs", also=["protocols"])
        servers, skipped = [], []
        for system in systems:
            tell(f"{name}: starts {system}")
            try:
                servers.append(await _start(system, name, scenario, load, folder, keep))
            except Skipped as reason:
                tell(f"  skipped: {reason}")
                skipped.append(Skip(system, str(reason)))
        turns_of = _Turns(name, scenario, servers, tell)
        found = await turns_of.play(turns, end)
        return found, [*skipped, *turns_of.failed]


def _folder(keep: AsyncExitStack) -> Path:
    folder = Path(keep.enter_context(temporary_folder()))
    folder.chmod(0o711)  # some servers run under another account
    return folder


async def _start(system: str, name: str, scenario: Scenario, load: Path, folder: Path, keep: AsyncExitStack) -> _Server:
    own = folder / system.replace(" ", "_")
    own.mkdir()
    keep.callback(shutil.rmtree, own, ignore_errors=True)
    running = await STARTS[system](scenario.scene, Place(own, keep), keep)
    crowd = await Crowd.start(load, scenario.scene, running)
    keep.push_async_callback(crowd.stop)
    return _Server(system, name, scenario, running, crowd)


class _Turns:
    """Who fails once is left out from then on, which is told; the others go on."""

    def __init__(self, name: str, scenario: Scenario, servers: Sequence[_Server], tell: Tell) -> None:
        self._name = name
        self._scenario = scenario
        self._servers = list(servers)
        self._tell = tell
        self._found: list[Measured] = []
        self.failed: list[Skip] = []

    async def play(self, turns: int, end: float) -> list[Measured]:
        await self._each(_Server.warm_up)
        for storm in range(self._scenario.storms):
            await self._each(partial(self._storm, storm))
        if self._scenario.rate:
            await self._each(self._get_going)
            for turn in range(turns):
                if turn and time.monotonic() > end:
                    break
                self._tell(f"{self._name}: turn {turn + 1} of {turns}")
                await self._each(partial(self._work, turn))
        gone = {each.system for each in self.failed}
        found = [each for each in self._found if each.system not in gone]
        return [*found, *(server.memory() for server in self._servers)]

    async def _each(self, do: Callable[[_Server], Awaitable[None]]) -> None:
        for server in random.sample(self._servers, len(self._servers)):
            try:
                await do(server)
            except Failed as reason:
                self._tell(f"{self._name}: {server.name} failed: {reason}")
                self.failed.append(Skip(server.name, f"{self._name}: {reason}"))
                self._servers.remove(server)

    async def _storm(self, storm: int, server: _Server) -> None:
        self._tell(f"{self._name}: {server.name}, everybody comes")
        self._found.append(await server.log_in(storm))
        await server.rest()
        if storm + 1 < self._scenario.storms:
            await server.log_out()

    async def _get_going(self, server: _Server) -> None:
        seconds = min(1.0, self._scenario.saturated_seconds)
        await server.work("warm up", 0, f"saturated {self._scenario.window} {seconds}")

    async def _work(self, turn: int, server: _Server) -> None:
        playing = self._scenario
        self._found.append(await server.work("paced", turn, f"paced {playing.rate} {playing.paced_seconds}"))
        order = f"saturated {playing.window} {playing.saturated_seconds}"
        self._found.append(await server.work("saturated", turn, order))
