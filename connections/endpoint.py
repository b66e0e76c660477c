"""The WebSocket endpoint `/ws`: one connection's life from the handshake to the last word.

    accept -> `connect` within ten seconds -> who is it? -> follow the domain, then read -> starting state -> live

A client is always accepted first and refused by a close code afterwards, because a browser sees only 1006 for a
handshake that fails.
"""

import asyncio
import secrets
from collections.abc import Callable, Sequence
from contextlib import suppress
from math import ceil
from typing import Protocol

import structlog
from msgspec import structs
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from connections.admission import Admission, SentAway
from connections.asgi_outlet import AsgiOutlet
from connections.attendance import Attendance
from connections.channel import Channel
from connections.dispatch import Dispatcher, failed, name_of
from connections.hub import Hub
from connections.inbox import Inbox
from connections.outlet import CLOSE_TIMEOUT, EXTENSION, Outlet
from connections.session import Session
from connections.starting import Starter
from wire.codec import Subprotocol, command_id_of, decode_command, encode
from wire.commands import Connect
from wire.errors import CloseCode, Malformed, NotLoggedIn, Refused, TooMany, Unavailable
from wire.events import Reconnect
from wire.identity import Caller, ConnectionId
from wire.limits import LIMITS
from wire.replies import Failed

log = structlog.get_logger(__name__)

COOKIE = "presence_session"
CONNECT_WITHIN = 10.0
"""Seconds for the first command; whoever says nothing is a scanner or a broken page."""
ENTER_WITHIN = 5.0
TURN_WITHIN = 8.0
"""Seconds to wait for the starting state: clients give up after fifteen, and would come again at once."""
ABNORMAL = 1006


class Authenticator(Protocol):
    """accounts/service.py. Both raise `NotLoggedIn`, or `Unavailable` if nobody can say."""

    async def caller_of(self, token: str) -> Caller: ...

    async def caller_of_ticket(self, ticket: str) -> Caller: ...


class OriginRule(Protocol):
    """web/origins.py: which pages may ask us with a token, and which with the cookie of whoever is logged in."""

    def allows(self, origin: str | None, *, site: str | None, host: str, secure: bool) -> bool: ...

    def is_own(self, origin: str | None, *, site: str | None, host: str, secure: bool) -> bool: ...


class Goodbye(Exception):
    """Ends the connection with a code."""

    def __init__(self, code: CloseCode, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class WebSocketEndpoint:
    """An ASGI application for one connection: `WebSocketRoute("/ws", WebSocketEndpoint(...))`."""

    def __init__(
        self,
        *,
        hub: Hub,
        attendance: Attendance,
        dispatcher: Dispatcher,
        starter: Starter,
        authenticator: Authenticator,
        origins: OriginRule,
        admission: Admission,
        clock: Callable[[], float],
    ) -> None:
        self._hub = hub
        self._admission = admission
        self._attendance = attendance
        self._dispatcher = dispatcher
        self._starter = starter
        self._authenticator = authenticator
        self._origins = origins
        self._clock = clock
        self.draining = False
        self._on_end = self._left  # one bound method for all connections

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        websocket = WebSocket(scope, receive, send)
        subprotocol = _choose(websocket.scope.get("subprotocols", []))
        await websocket.accept(subprotocol=subprotocol.value if subprotocol else None)
        outlet: Outlet = websocket.scope.get("extensions", {}).get(EXTENSION) or AsgiOutlet(websocket)
        try:
            if subprotocol is None:
                raise Goodbye(CloseCode.UNKNOWN_SUBPROTOCOL, f"offer {' or '.join(Subprotocol)}")
            if self.draining:
                raise Goodbye(CloseCode.GOING_AWAY, "this gateway is going away")
            inbox = await self._let_in(websocket, outlet, subprotocol)
            if outlet.detach(inbox):
                return
            await _receive_until_the_end(websocket, inbox)
        except SentAway as away:
            assert subprotocol is not None
            await _answer(websocket, Reconnect(after=round(away.after, 2)), subprotocol)
            outlet.close(CloseCode.BUSY, f"too many ({away.why}): come back in {ceil(away.after)} s")
        except Goodbye as goodbye:
            outlet.close(goodbye.code, goodbye.reason)
        except WebSocketDisconnect:
            pass
        except Exception:
            log.exception("connection_failed")
            outlet.close(1011, "something went wrong on our side")
        with suppress(TimeoutError):
            async with asyncio.timeout(2 * CLOSE_TIMEOUT):
                await _until_closed(websocket)

    # ------------------------------------------------------------ the first command

    async def _let_in(self, websocket: WebSocket, outlet: Outlet, subprotocol: Subprotocol) -> Inbox:
        """From the first command to the starting state. Raises `Goodbye`, `WebSocketDisconnect`."""
        self._admission.stranger_came()
        try:
            command = await self._first_command(websocket, subprotocol)
            caller = await self._authenticate(websocket, command)
        finally:
            self._admission.stranger_is_gone()
        try:
            caller.check_may(name_of(command))
        except Refused as refused:
            raise Goodbye(CloseCode.NOT_LOGGED_IN, refused.message[:100]) from refused
        if websocket.client:
            caller = structs.replace(caller, address=websocket.client.host)
        try:
            async with asyncio.timeout(TURN_WITHIN) as waiting, self._admission.starts.turn(caller.domain):
                waiting.reschedule(None)
                return await self._start(command, caller, outlet, subprotocol)
        except TooMany as refused:
            raise self._admission.too_many_wait(refused.retry_after or 1.0) from refused
        except TimeoutError:
            raise self._admission.too_many_wait(self._admission.starts.expected_wait()) from None

    async def _start(self, command: Connect, caller: Caller, outlet: Outlet, subprotocol: Subprotocol) -> Inbox:
        """Somebody who is known gets the starting state. Raises `Goodbye`, `SentAway`."""
        channel = await self._enter(caller)
        self._admission.check_domain(len(channel.sessions))
        if len(channel.sessions_of(caller.user)) >= LIMITS.connections_per_user:
            raise Goodbye(CloseCode.TOO_MANY_CONNECTIONS, "too many open connections")
        outlet.allow_messages_of(LIMITS.frame_bytes)
        session = Session(
            ConnectionId(secrets.token_hex(8)),
            caller,
            outlet,
            subprotocol,
            self._clock,
            available=command.available and caller.is_present,
            channel=channel,
        )
        session.network = self._admission.enter(caller.address)
        session.bind_to_log()
        inbox = Inbox(session, channel, self._dispatcher, self._on_end)
        try:
            channel.add(session)
            await self._starter.start(session, channel, command)
        except BaseException as error:
            self._admission.leave(session.network)
            self._hub.leave(channel, session)
            if isinstance(error, Refused):
                raise Goodbye(CloseCode.UNAVAILABLE, error.message[:100]) from error
            raise
        self._attendance.enter(caller.domain)
        if session.available:
            self._attendance.arrived(caller.domain, caller.user)
        return inbox

    def _left(self, channel: Channel, session: Session, said_goodbye: bool) -> None:
        """The client is gone. Called once for each session that had come as far as being live."""
        self._admission.leave(session.network)
        self._hub.leave(channel, session)
        if session.available:
            for_good = said_goodbye or session.close_code == CloseCode.SESSION_ENDED
            self._attendance.left(channel.domain, session.caller.user, for_good=for_good)

    async def _first_command(self, websocket: WebSocket, subprotocol: Subprotocol) -> Connect:
        try:
            async with asyncio.timeout(CONNECT_WITHIN):
                while True:
                    payload = await _receive(websocket)
                    try:
                        command = decode_command(payload, subprotocol)
                    except Refused as refused:
                        await _answer(websocket, failed(command_id_of(payload, subprotocol), refused), subprotocol)
                        if isinstance(refused, Malformed):
                            raise Goodbye(CloseCode.MALFORMED, "the first message must be connect") from refused
                        continue
                    if isinstance(command, Connect):
                        return command
                    await _answer(websocket, failed(command.id, NotLoggedIn("Connect first")), subprotocol)
        except TimeoutError:
            raise Goodbye(CloseCode.AUTHENTICATION_TIMEOUT, "no connect command came") from None

    async def _authenticate(self, websocket: WebSocket, command: Connect) -> Caller:
        cookie = websocket.cookies.get(COOKIE)
        brings_own = command.ticket is not None or command.token is not None
        if not brings_own and cookie is None:
            raise Goodbye(CloseCode.NOT_LOGGED_IN, "log in first")
        self._check_origin(websocket, is_cookie=not brings_own)
        try:
            if command.ticket is not None:
                return await self._authenticator.caller_of_ticket(command.ticket)
            if command.token is not None:
                return await self._authenticator.caller_of(command.token)
            return await self._authenticator.caller_of(cookie or "")
        except Unavailable as refused:
            raise Goodbye(CloseCode.UNAVAILABLE, refused.message[:100]) from refused
        except Refused as refused:
            raise Goodbye(CloseCode.NOT_LOGGED_IN, refused.message[:100]) from refused

    def _check_origin(self, websocket: WebSocket, *, is_cookie: bool) -> None:
        """Another site's page could use the cookie of somebody who is logged in here, or a token it came by.

        A program that is no browser says nothing of an origin, and brings a token.
        """
        headers = websocket.headers
        origin = headers.get("origin")
        if origin is None and not is_cookie:
            return
        may = self._origins.is_own if is_cookie else self._origins.allows
        site, host = headers.get("sec-fetch-site"), headers.get("host", "")
        if not may(origin, site=site, host=host, secure=websocket.url.scheme == "wss"):
            raise Goodbye(CloseCode.ORIGIN_REFUSED, "this origin may not connect")

    async def _enter(self, caller: Caller) -> Channel:
        try:
            async with asyncio.timeout(ENTER_WITHIN):
                return await self._hub.enter(caller.domain)
        except (Refused, TimeoutError) as error:
            raise Goodbye(CloseCode.UNAVAILABLE, "the presence store does not answer") from error


async def _receive_until_the_end(websocket: WebSocket, inbox: Inbox) -> None:
    """For servers whose connections cannot be detached: a task for each, which waits for the next message."""
    code = ABNORMAL
    try:
        while inbox.is_open:
            await inbox.handle(await _receive(websocket))
    except WebSocketDisconnect as gone:
        code = gone.code
    finally:
        inbox.disconnected(code)


def _choose(offered: Sequence[str]) -> Subprotocol | None:
    return next((known for known in Subprotocol if known in offered), None)


async def _receive(websocket: WebSocket) -> str | bytes:
    """The next message. Raises WebSocketDisconnect."""
    message = await websocket.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code") or 1006, message.get("reason"))
    text: str | None = message.get("text")
    return text if text is not None else message["bytes"]


async def _answer(websocket: WebSocket, reply: Failed | Reconnect, subprotocol: Subprotocol) -> None:
    """Before there is a session."""
    payload = encode(reply, subprotocol)
    if subprotocol is Subprotocol.JSON:
        await websocket.send_text(payload.decode())
    else:
        await websocket.send_bytes(payload)


async def _until_closed(websocket: WebSocket) -> None:
    """The server may take our return for the end; the closing handshake comes first."""
    while websocket.client_state.name == "CONNECTED":
        try:
            await _receive(websocket)
        except (WebSocketDisconnect, RuntimeError):
            return
