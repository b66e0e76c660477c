"""Tells switches what users have set in the portal, until they have heard it.

What is to be told waits in a store that outlives every gateway (pbx/store.py: CommandStore). Each gateway looks there,
at once when one of its own users has wished something and every few seconds for what others left; a command belongs to
one gateway at a time, and only the newest wish of a user is told. See docs/switch-contract.md, "Commands".
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from functools import partial

import msgspec
import structlog

from pbx.metrics import CommandMetrics
from pbx.model import Command, CommandKind
from pbx.report import PresenceReports
from pbx.store import CommandStore
from wire.ending import end
from wire.errors import Refused
from wire.identity import SourceId
from wire.ingest import DndCommand, ProfileCommand
from wire.outgoing import Answered, Outgoing, Unreachable

log = structlog.get_logger(__name__)

LOOK_EVERY = 2.0
"""Seconds between two looks for what other gateways left behind."""
AT_ONCE = 2
"""Commands that are claimed together; told one after the other, within the time for which they are claimed."""
CONFIRM_SECONDS = 30.0
"""A switch that took a command and has not confirmed it by then is told again."""
LONGEST_WAIT = 60.0
"""Seconds between two attempts at a switch that does not answer."""
REFUSED_WAIT = 300.0
"""Seconds until a switch is asked again that understood and refused."""
_MAY_WORK_LATER = frozenset({401, 403, 408, 425, 429})


class CommandService:
    """`run` until it is cancelled. `wake` may be called whenever somebody wished something."""

    def __init__(
        self, store: CommandStore, presence: PresenceReports, outgoing: Outgoing, metrics: CommandMetrics
    ) -> None:
        self._store = store
        self._presence = presence
        self._outgoing = outgoing
        self._metrics = metrics
        self._awake = asyncio.Event()
        self._telling: dict[SourceId, asyncio.Task[None]] = {}

    def wake(self) -> None:
        self._awake.set()

    async def run(self) -> None:
        try:
            while True:
                self._awake.clear()
                await self._look()
                with suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_EVERY):
                        await self._awake.wait()
        finally:
            await end(*self._telling.values())

    async def _look(self) -> None:
        try:
            waiting = await self._store.waiting()
        except Refused:
            return  # the store does not answer: the next look is soon
        except Exception:
            log.exception("commands_not_looked_for")
            return
        self._metrics.waiting({each.source: (each.count, each.oldest_seconds) for each in waiting})
        for each in waiting:
            if each.is_due and each.source not in self._telling:
                task = asyncio.create_task(self._tell_all(each.source))
                self._telling[each.source] = task
                task.add_done_callback(partial(self._ended, each.source))

    def _ended(self, source: SourceId, _task: asyncio.Task[None]) -> None:
        """What was wished while the last commands were being told may have been missed by them."""
        del self._telling[source]
        self.wake()

    async def _tell_all(self, source: SourceId) -> None:
        """A dead switch holds up nobody but itself."""
        try:
            while claimed := await self._store.claim(source, AT_ONCE):
                for command in claimed:
                    await self._tell(command)
        except Refused as refused:
            log.warning("commands_wait", source=source, reason=refused.message)
            await asyncio.sleep(1.0)
        except Exception:
            # What was claimed is due again later; the commands of other switches go on.
            log.exception("commands_failed", source=source)
            await asyncio.sleep(LONGEST_WAIT)

    async def _tell(self, command: Command) -> None:
        try:
            answered = await self._outgoing.send(
                "PUT",
                f"{command.url.rstrip('/')}/{command.kind.value}",
                msgspec.json.encode(body_of(command)),
                _headers(command),
            )
        except Unreachable as reason:
            await self._failed(command, str(reason), pause_after(command.attempts))
            return
        if answered.status == 202:
            self._metrics.told(command, "accepted")
            await self._store.release(command, "", CONFIRM_SECONDS)
        elif answered.is_good:
            self._metrics.told(command, "done")
            if await self._store.done(command) and command.kind is CommandKind.DND:
                await self._presence.dnd_confirmed(command.domain, command.user)
        else:
            await self._failed(command, f"status {answered.status}", _pause_of(command, answered))

    async def _failed(self, command: Command, problem: str, seconds: float) -> None:
        self._metrics.told(command, "failed")
        say = log.warning if command.attempts in (1, 5) or command.attempts % 60 == 0 else log.debug
        say(
            "command_not_taken",
            source=command.source,
            domain=command.domain,
            user=command.user,
            kind=command.kind.value,
            attempts=command.attempts,
            problem=problem,
            next_in=seconds,
        )
        await self._store.release(command, problem, seconds)


def body_of(command: Command) -> DndCommand | ProfileCommand:
    user = f"{command.extension}@{command.domain}"
    if command.kind is CommandKind.DND:
        return DndCommand(user=user, rev=command.rev, on=command.dnd)
    return ProfileCommand(user=user, rev=command.rev, name=command.name)


def pause_after(attempts: int) -> float:
    """Seconds after so many attempts without an answer: 1, 2, 4, ... 60."""
    return min(2.0 ** min(attempts - 1, 10), LONGEST_WAIT)


def _pause_of(command: Command, answered: Answered) -> float:
    is_refusal = 400 <= answered.status < 500 and answered.status not in _MAY_WORK_LATER
    return REFUSED_WAIT if is_refusal else max(answered.retry_after, pause_after(command.attempts))


def _headers(command: Command) -> Mapping[str, str]:
    return {"Authorization": f"Bearer {command.token}"} if command.token else {}
