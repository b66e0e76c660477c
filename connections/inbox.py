"""What a logged-in client sends, carried out one after the other, and its end.

Most commands need not wait for anything, and are answered as they are read. For the others there is a task, only while
there is something to do; what arrives meanwhile waits its turn, and behind too much of it the client itself waits.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any

from connections.channel import Channel
from connections.dispatch import Dispatcher, failed
from connections.session import Session
from wire.codec import command_id_of, decode_command
from wire.commands import Command
from wire.errors import CloseCode, Malformed, Refused

MALFORMED_AT_MOST = 10
MOST_WAITING = 16
"""Commands that wait while another one is carried out, before no more are read from the client."""

GOODBYE = 1000
"""The close code of a client that leaves on purpose."""


class Inbox:
    """A `Receiver`. `on_end(session, said_goodbye)` is called once, when the client is gone."""

    __slots__ = ("_channel", "_dispatcher", "_malformed", "_on_end", "_said_goodbye", "_session", "_task", "_waiting")

    def __init__(
        self,
        session: Session,
        channel: Channel,
        dispatcher: Dispatcher,
        on_end: Callable[[Channel, Session, bool], None],
    ) -> None:
        self._session = session
        self._channel = channel
        self._dispatcher = dispatcher
        self._on_end = on_end
        self._malformed = 0
        self._said_goodbye = False
        self._waiting: deque[Command] | None = None
        """Not None: a task is at work, and what comes has to wait for it."""
        self._task: asyncio.Task[None] | None = None

    # ------------------------------------------------------------ told by the connection

    def received(self, payload: str | bytes) -> None:
        command = self._read(payload)
        if command is None:
            return
        if self._waiting is not None:
            self._waiting.append(command)
            if len(self._waiting) == MOST_WAITING:
                self._session.outlet.hold_reading(True)
            return
        work = self._dispatcher.run(self._session, self._channel, command)
        if work is not None:
            self._waiting = deque()
            self._task = asyncio.get_running_loop().create_task(self._work(work, self._waiting))

    def disconnected(self, code: int) -> None:
        """What was read before is carried out first: who sets Do Not Disturb and closes the page has set it."""
        self._said_goodbye = code == GOODBYE
        if self._task is None:
            self._end()
        else:
            self._task.add_done_callback(lambda _: self._end())

    def _end(self) -> None:
        self._on_end(self._channel, self._session, self._said_goodbye)

    # ------------------------------------------------------------ for connections that stay with ASGI

    @property
    def is_open(self) -> bool:
        return self._session.close_code is None

    async def handle(self, payload: str | bytes) -> None:
        """The same for a message that the application has asked for itself."""
        command = self._read(payload)
        work = None if command is None else self._dispatcher.run(self._session, self._channel, command)
        if work is not None:
            await work

    # ------------------------------------------------------------ common to both

    def _read(self, payload: str | bytes) -> Command | None:
        session = self._session
        session.last_heard = session.clock()
        try:
            return decode_command(payload, session.subprotocol)
        except Refused as refused:
            session.send(failed(command_id_of(payload, session.subprotocol), refused))
            self._malformed += isinstance(refused, Malformed)
            if self._malformed > MALFORMED_AT_MOST:
                session.close(CloseCode.MALFORMED, "too many unreadable messages")
            return None

    async def _work(self, work: Coroutine[Any, Any, None] | None, waiting: deque[Command]) -> None:
        session = self._session
        session.bind_to_log()
        while True:
            if work is not None:
                await work
            if not waiting or session.close_code is not None:
                break
            if len(waiting) == MOST_WAITING:
                session.outlet.hold_reading(False)
            work = self._dispatcher.run(session, self._channel, waiting.popleft())
        self._waiting = self._task = None
