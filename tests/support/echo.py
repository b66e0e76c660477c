"""WebSockets that give back what they get, under both implementations of the protocol; nothing delivered has them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.types import ASGIApp, Receive, Scope, Send

from connections.frames import Delivery
from connections.outlet import EXTENSION, Outlet
from connections.websocket.library import LibraryProtocol
from connections.websocket.protocol import GatewayProtocol
from connections.websocket.upgrade import GatewayHttpProtocol
from tests.support.serving import serving
from wire.codec import Subprotocol

IMPLEMENTATIONS = {"own": GatewayProtocol, "library": LibraryProtocol}
MOST = 1 << 24
"""Bytes of a message: the largest ones of the public test suites."""


class Ready(Delivery):
    """The same bytes in both subprotocols: as text, and as bytes."""

    def payload_for(self, subprotocol: Subprotocol) -> bytes:  # noqa: ARG002
        return self.payload


def write_back(outlet: Outlet, payload: str | bytes) -> None:
    if isinstance(payload, str):
        outlet.write(Ready(payload.encode()), Subprotocol.JSON)
    else:
        outlet.write(Ready(payload), Subprotocol.MSGPACK)


class _Echo:
    def __init__(self, outlet: Outlet) -> None:
        self._outlet = outlet

    def received(self, payload: str | bytes) -> None:
        write_back(self._outlet, payload)

    def disconnected(self, _code: int, /) -> None:
        return None


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """The ASGI application: detaches as the gateway does after the login, where the server can."""
    await receive()
    await send({"type": "websocket.accept", "subprotocol": None, "headers": []})
    outlet: Outlet = scope["extensions"][EXTENSION]
    outlet.allow_messages_of(MOST)
    if outlet.detach(_Echo(outlet)):
        return
    while (event := await receive())["type"] != "websocket.disconnect":
        write_back(outlet, event["text"] if event.get("text") is not None else event["bytes"])


@asynccontextmanager
async def serving_websockets(application: ASGIApp, implementation: str) -> AsyncIterator[str]:
    """Gives the address: `ws://127.0.0.1:<port>`."""
    async with serving(
        application,
        http=GatewayHttpProtocol,
        ws=IMPLEMENTATIONS[implementation],
        ws_per_message_deflate=False,
        ws_max_size=MOST,
        lifespan="off",
        timeout_graceful_shutdown=5,
    ) as url:
        yield url.replace("http", "ws", 1)
