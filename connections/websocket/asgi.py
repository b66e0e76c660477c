"""The ASGI side of a WebSocket connection: the handshake and the first messages, until the application detaches it."""

import asyncio
from collections import deque
from collections.abc import MutableMapping
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

import structlog
from uvicorn.config import Config
from uvicorn.protocols.utils import get_local_addr, get_remote_addr, is_ssl
from uvicorn.server import ServerState

from connections.frames import BINARY_FRAME, frame
from connections.outlet import CLOSE_TIMEOUT, EXTENSION, Receiver
from connections.websocket import handshake
from connections.websocket.handshake import HandshakeRefused
from connections.websocket.protocol import GatewayProtocol

log = structlog.get_logger(__name__)

MOST_WAITING = 4
"""Messages that the application has not asked for yet, before the client has to wait."""
NORMAL, INTERNAL_ERROR = 1000, 1011

Message = MutableMapping[str, Any]


class AsgiSide:
    """Runs the application for one connection. What it sends becomes responses and frames, what comes in its events."""

    def __init__(self, config: Config, server_state: ServerState, app_state: dict[str, Any]) -> None:
        self._protocol = GatewayProtocol(server_state.connections, self._hand_over)
        self._config = config
        self._tasks = server_state.tasks
        self._app_state = app_state
        self._events: deque[Message] = deque()
        self._asking: asyncio.Future[None] | None = None
        self._writable: asyncio.Future[None] | None = None
        self._answer = ""
        self._denial: Message | None = None
        self._denial_body = b""
        self._ended = False

    # ------------------------------------------------------------ the handshake

    def start(self, transport: asyncio.Transport, http: MutableMapping[str, Any], target: bytes) -> GatewayProtocol:
        """`http`: the scope of the request, as far as uvicorn has made it. Returns what the transport has to tell."""
        protocol = self._protocol
        protocol.receiver = self
        protocol.follower = self
        protocol.connection_made(transport)
        try:
            self._answer = handshake.answer_to(http["method"], http["headers"])
        except HandshakeRefused as refusal:
            plain = (b"content-type", b"text/plain; charset=utf-8")
            self._refuse(refusal.status, [plain, *refusal.headers], refusal.text.encode())
            return protocol
        self._events.append({"type": "websocket.connect"})
        task = asyncio.get_running_loop().create_task(self._run(self._scope(transport, http, target)))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return protocol

    def _scope(self, transport: asyncio.Transport, http: MutableMapping[str, Any], target: bytes) -> dict[str, Any]:
        path, _, query = target.partition(b"?")
        root = self._config.root_path
        return {
            "type": "websocket",
            "asgi": {"version": self._config.asgi_version, "spec_version": "2.4"},
            "http_version": http["http_version"],
            "scheme": "wss" if is_ssl(transport) else "ws",
            "server": get_local_addr(transport),
            "client": get_remote_addr(transport),
            "root_path": root,
            "path": root + unquote(path.decode("ascii")),
            "raw_path": root.encode("ascii") + path,
            "query_string": query,
            "headers": http["headers"],
            "subprotocols": handshake.subprotocols_in(http["headers"]),
            "state": self._app_state.copy(),
            "extensions": {"websocket.http.response": {}, EXTENSION: self._protocol},
        }

    async def _run(self, scope: dict[str, Any]) -> None:
        try:
            await self._config.loaded_app(scope, self._receive, self._send)
        except Exception:
            log.exception("websocket_application_failed")
            self._end(INTERNAL_ERROR)
        else:
            if self._protocol.receiver is self:  # neither detached nor closed
                self._end(NORMAL)

    def _end(self, code: int) -> None:
        if self._protocol.is_open:
            self._protocol.close(code, "")
        elif not self._ended:
            self._refuse(HTTPStatus.INTERNAL_SERVER_ERROR, [], b"")

    def _refuse(self, status: int, headers: list[handshake.Header], body: bytes) -> None:
        transport = self._protocol.transport
        self._ended = True
        if transport is not None:
            transport.write(handshake.refused(status, headers, body))
            transport.close()
            asyncio.get_running_loop().call_later(CLOSE_TIMEOUT, transport.abort)

    # ------------------------------------------------------------ ASGI

    async def _receive(self) -> Message:
        if not self._events:
            self._asking = asyncio.get_running_loop().create_future()
            try:
                await self._asking
            finally:
                self._asking = None
        event = self._events.popleft()
        self._protocol.hold_reading(len(self._events) >= MOST_WAITING)
        return event

    async def _send(self, message: Message) -> None:
        if self._ended:
            return  # the client has left; ASGI wants silence
        self._carry_out(message)
        if not self._protocol.is_clear and not self._ended:
            self._writable = asyncio.get_running_loop().create_future()
            try:
                await self._writable
            finally:
                self._writable = None

    def _carry_out(self, message: Message) -> None:
        match message["type"]:
            case "websocket.accept":
                self._accept(message)
            case "websocket.send":
                self._send_frame(message)
            case "websocket.close":
                self._close(message)
            case "websocket.http.response.start":
                self._denial = message
            case "websocket.http.response.body":
                self._go_on_denying(message)
            case unknown:
                raise ValueError(f"{unknown} is nothing that a WebSocket application sends")

    def _accept(self, message: Message) -> None:
        self._protocol.is_open = True
        self._protocol.write_frame(
            handshake.accepted(self._answer, message.get("subprotocol"), message.get("headers") or ())
        )

    def _send_frame(self, message: Message) -> None:
        text = message.get("text")
        whole = frame(text.encode()) if text is not None else frame(message["bytes"], BINARY_FRAME)
        self._protocol.write_frame(whole)

    def _close(self, message: Message) -> None:
        if self._protocol.is_open:
            self._protocol.close(message.get("code", NORMAL), message.get("reason") or "")
        else:
            self._refuse(HTTPStatus.FORBIDDEN, [], b"")

    def _go_on_denying(self, message: Message) -> None:
        assert self._denial is not None
        self._denial_body += message.get("body", b"")
        if not message.get("more_body", False):
            self._refuse(self._denial["status"], list(self._denial.get("headers", ())), self._denial_body)

    # ------------------------------------------------------------ told by the protocol

    def received(self, payload: str | bytes) -> None:
        kind = "text" if isinstance(payload, str) else "bytes"
        self._happen({"type": "websocket.receive", kind: payload})
        if len(self._events) >= MOST_WAITING:
            self._protocol.hold_reading(True)

    def disconnected(self, code: int) -> None:
        self._ended = True
        self._happen({"type": "websocket.disconnect", "code": code})
        self.outlet_cleared()

    def _hand_over(self, receiver: Receiver) -> None:
        """What the application did not ask for any more goes to the receiver, first of all."""
        if not self._ended:
            self._protocol.receiver = receiver
        for event in self._events:
            if event["type"] == "websocket.disconnect":
                receiver.disconnected(event["code"])
            else:
                receiver.received(event["text"] if "text" in event else event["bytes"])
        self._protocol.hold_reading(False)

    def _happen(self, event: Message) -> None:
        self._events.append(event)
        if self._asking is not None and not self._asking.done():
            self._asking.set_result(None)

    def outlet_blocked(self) -> None:
        return None

    def outlet_cleared(self) -> None:
        if self._writable is not None and not self._writable.done():
            self._writable.set_result(None)
