"""Asks a FreeSWITCH over a connection, one thing after the other, and hands on what it tells unasked."""

import asyncio
from collections.abc import Callable, Mapping
from typing import TypeVar

import msgspec

from pbx.adapter.connection import Connection, fail
from pbx.adapter.errors import LineLost, LineRefused
from pbx.freeswitch.esl import EslFrame, EslParser, command

ANSWER_SECONDS = 30.0

T = TypeVar("T")

Event = Mapping[str, str]
"""Header -> value, as FreeSWITCH spells both."""

_decode_event = msgspec.json.Decoder(dict[str, object]).decode


class EslClient:
    """`run` has to run beside everything else. `on_event` gets every event, at once and in order."""

    def __init__(self, connection: Connection, on_event: Callable[[Event], None]) -> None:
        self._connection = connection
        self._on_event = on_event
        self._turn = asyncio.Lock()
        self._answer: asyncio.Future[EslFrame] | None = None
        self._greeted: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def run(self) -> None:
        """Reads for ever. Raises `LineLost`, or `LineRefused` if an access list keeps us out."""
        parser = EslParser()

        def take(chunk: bytes) -> None:
            for frame in parser.feed(chunk):
                self._take(frame)

        try:
            await self._connection.follow(take)
        finally:
            if self._answer is not None:
                fail(self._answer, LineLost("the line was lost before FreeSWITCH answered"))

    async def log_in(self, password: str) -> None:
        """Raises `LineRefused` for a wrong password."""
        await self._within(self._greeted, "auth/request")
        answer = await self._ask(f"auth {password}", hidden="auth")
        if not answer.headers.get("reply-text", "").startswith("+OK"):
            raise LineRefused("FreeSWITCH refuses the password: see event_socket.conf.xml")

    async def subscribe(self, events: str) -> None:
        """To these events, as JSON."""
        answer = await self._ask(f"event json {events}")
        if not answer.headers.get("reply-text", "").startswith("+OK"):
            raise LineRefused(f"FreeSWITCH does not tell events: {answer.headers.get('reply-text', '')}")

    async def api(self, request: str) -> str:
        """What the command prints."""
        return (await self._ask(f"api {request}")).body.decode(errors="replace")

    async def fire(self, name: str, headers: Event) -> None:
        """An event of ours, for FreeSWITCH's own modules."""
        await self._ask(f"sendevent {name}", headers)

    async def _ask(self, line: str, headers: Event | None = None, *, hidden: str = "") -> EslFrame:
        async with self._turn:
            self._answer = asyncio.get_running_loop().create_future()
            await self._connection.write(command(line, headers))
            return await self._within(self._answer, hidden or line)

    async def _within(self, future: "asyncio.Future[T]", what: str) -> T:
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                return await future
        except TimeoutError:
            raise LineLost(f"FreeSWITCH has not answered {what!r} within {ANSWER_SECONDS:g} seconds") from None

    def _take(self, frame: EslFrame) -> None:
        match frame.kind:
            case "text/event-json":
                self._on_event(_event_in(frame.body))
            case "command/reply" | "api/response":
                if self._answer is not None and not self._answer.done():
                    self._answer.set_result(frame)
            case "auth/request":
                if not self._greeted.done():
                    self._greeted.set_result(None)
            case "text/rude-rejection":
                raise LineRefused("FreeSWITCH lets nobody in from here: see apply-inbound-acl in event_socket.conf.xml")
            case "text/disconnect-notice":
                raise LineLost("FreeSWITCH has ended the connection")


def _event_in(body: bytes) -> Event:
    """Values that are no text, such as lists of headers that came several times, are left out."""
    try:
        event = _decode_event(body.decode(errors="replace"))
    except msgspec.DecodeError:
        return {}
    return {name: value for name, value in event.items() if isinstance(value, str)}
