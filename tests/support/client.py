"""A client of the gateway for tests: logs in over HTTP, connects, sends commands, waits for events. Never sleeps."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Self, TypeVar

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.support.http import http_client
from wire.codec import Subprotocol, decode_server_message, encode
from wire.commands import Alive, Command, Connect
from wire.events import AnyEvent, Heartbeat, PresenceChanged, PresenceSnapshot
from wire.identity import ConversationId, UserId
from wire.records import Position, Presence
from wire.replies import AnyReply, Connected, Failed

Kind = TypeVar("Kind")
WAIT = 30.0
"""Seconds until a test gives up waiting; far more than anything should take."""


async def log_in(url: str, login: str, password: str) -> str:
    """A bearer token."""
    async with http_client(url) as http:
        answer = await http.post("/v1/login", json={"login": login, "password": password, "bearer": True})
        answer.raise_for_status()
        token: str = answer.json()["token"]
        return token


class Client:
    """One connection. What arrives is kept in order; `presence` is what a client knows by the rules of the wire."""

    connected: Connected
    """After `log_in`."""

    def __init__(self, websocket: ClientConnection, subprotocol: Subprotocol) -> None:
        self._websocket = websocket
        self._subprotocol = subprotocol
        self._arrived = asyncio.Condition()
        self._next_id = 1
        self.replies: dict[int, AnyReply] = {}
        self.messages: list[AnyReply | AnyEvent] = []
        self.presence: dict[UserId, Presence] = {}
        self.position: Position | None = None
        self.stepped_back: list[tuple[Presence, Presence]] = []
        self._reader = asyncio.create_task(self._read())

    @classmethod
    async def open(
        cls,
        url: str,
        token: str | None = None,
        *,
        subprotocol: Subprotocol = Subprotocol.JSON,
        available: bool = True,
        position: Position | None = None,
        conversations: dict[ConversationId, int] | None = None,
        timeline: str = "",
    ) -> "Client":
        """Connects; with a token also logs in, and returns once `connected` has come."""
        client = cls(await open_websocket(url, subprotocol), subprotocol)
        if token is not None:
            await client.log_in(
                token, available=available, position=position, conversations=conversations, timeline=timeline
            )
        return client

    async def log_in(
        self,
        token: str,
        *,
        available: bool = True,
        position: Position | None = None,
        conversations: dict[ConversationId, int] | None = None,
        changes: dict[ConversationId, int] | None = None,
        timeline: str = "",
    ) -> bool:
        """Whether the position was still good, so that only what is new follows."""
        connected = self.connected = await self.ask(
            Connect(
                token=token,
                available=available,
                presence=position,
                conversations=conversations or {},
                changes=changes or {},
                timeline=timeline,
            ),
            Connected,
        )
        if not connected.resumed:
            # The reply is ahead of the snapshot that replaces everything.
            await self.receives(PresenceSnapshot)
        return connected.resumed

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    # ------------------------------------------------------------ asking

    async def ask(self, command: Command, expected: type[Kind]) -> Kind:
        """Sends a command with an id of its own; the reply, which must be of that kind."""
        number = self._next_id
        self._next_id += 1
        await self.send(_with_id(command, number))
        await self.until(lambda: number in self.replies, f"a reply to {command}")
        reply = self.replies[number]
        assert isinstance(reply, expected), reply
        return reply

    async def refused(self, command: Command) -> Failed:
        return await self.ask(command, Failed)

    async def send(self, command: Command) -> None:
        await self.send_raw(encode(command, self._subprotocol))

    async def send_raw(self, payload: bytes | str) -> None:
        is_text = self._subprotocol is Subprotocol.JSON
        await self._websocket.send(payload, text=is_text if isinstance(payload, bytes) else None)

    # ------------------------------------------------------------ waiting

    async def until(self, holds: Callable[[], object], what: str) -> None:
        try:
            async with asyncio.timeout(WAIT), self._arrived:
                await self._arrived.wait_for(lambda: holds() or self._reader.done())
        except TimeoutError:
            raise AssertionError(f"waited {WAIT} s for {what}; last came {self.messages[-3:]}") from None
        assert holds(), f"the connection ended before {what}: {self.close_code}"

    async def sees(self, user: UserId, **wanted: object) -> Presence:
        """Waits until the user's presence has these fields."""

        def holds() -> bool:
            seen = self.seen(user)
            return all(getattr(seen, name) == value for name, value in wanted.items())

        try:
            await self.until(holds, f"user {user} {wanted}")
        except AssertionError as error:
            raise AssertionError(f"{error}; sees {self.seen(user)}") from None
        return self.seen(user)

    def seen(self, user: UserId) -> Presence:
        return self.presence.get(user, Presence(user=user, rev=0))

    async def receives(self, kind: type[Kind], matches: Callable[[Kind], bool] = lambda _: True) -> Kind:
        """The first message of the kind that matches, whether it came already or comes now."""

        def found() -> Kind | None:
            return next((each for each in self.messages if isinstance(each, kind) and matches(each)), None)

        await self.until(found, f"a {kind.__name__}")
        message = found()
        assert message is not None
        return message

    async def closed(self) -> int:
        """Waits for the end; its close code."""
        with suppress(TimeoutError):
            async with asyncio.timeout(WAIT):
                await asyncio.shield(self._reader)
        assert self._reader.done(), "the connection is still open"
        return self.close_code or 0

    async def ended(self) -> None:
        """Waits for the end for as long as it takes."""
        await asyncio.shield(self._reader)

    @property
    def close_code(self) -> int | None:
        return self._websocket.close_code

    async def close(self, code: int = 1000) -> None:
        await self._websocket.close(code)
        await self._reader

    async def vanish(self) -> None:
        """Gone without a word, as when the power is cut."""
        self._websocket.transport.abort()
        await self._reader

    # ------------------------------------------------------------ what comes

    async def _read(self) -> None:
        with suppress(ConnectionClosed):
            async for payload in self._websocket:
                message = decode_server_message(payload, self._subprotocol)
                if isinstance(message, Heartbeat):
                    with suppress(ConnectionClosed):
                        await self.send(Alive())
                async with self._arrived:
                    self._note(message)
                    self._arrived.notify_all()
                # Whoever waits for what is so for a moment only looks now, also if the next message is here already.
                await asyncio.sleep(0)
        async with self._arrived:
            self._arrived.notify_all()

    def _note(self, message: AnyReply | AnyEvent) -> None:
        self.messages.append(message)
        number = getattr(message, "id", 0)
        if number:
            self.replies[number] = message  # type: ignore[assignment]
        match message:
            case PresenceSnapshot():
                self.presence = {each.user: each for each in message.users}
                self.position = Position(message.epoch, message.version)
            case PresenceChanged():
                for each in message.users:
                    self._apply(each)
                self.position = Position(message.epoch, message.version)
            case Heartbeat():
                self.position = Position(message.epoch, message.version)

    def _apply(self, record: Presence) -> None:
        known = self.presence.get(record.user)
        if known is not None and record.rev < known.rev:
            self.stepped_back.append((known, record))
        elif record.gone:
            self.presence.pop(record.user, None)
        else:
            self.presence[record.user] = record


def _with_id(command: Command, number: int) -> Command:
    import msgspec

    return msgspec.structs.replace(command, id=number)


async def open_websocket(url: str, subprotocol: str | None = Subprotocol.JSON, **headers: str) -> ClientConnection:
    """A bare connection to `/ws` of a gateway at `http://...`."""
    return await connect(
        url.replace("http", "ws", 1) + "/ws",
        subprotocols=[subprotocol] if subprotocol else None,  # type: ignore[list-item]
        additional_headers={name.replace("_", "-"): value for name, value in headers.items()},
        proxy=None,
        open_timeout=WAIT,
        ping_timeout=None,  # a gateway that is suspended shall not lose its clients by our impatience
        max_size=None,
    )
