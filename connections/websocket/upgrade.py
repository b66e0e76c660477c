"""From HTTP to WebSocket: uvicorn's HTTP protocol, with the handshake handed over as it was read."""

from http import HTTPStatus
from uuid import uuid4

import msgspec
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from connections.websocket import handshake
from connections.websocket.asgi import AsgiSide
from connections.websocket.protocol import GatewayProtocol
from wire.errors import ErrorCode
from wire.http import Problem

_UNREADABLE = "This is no HTTP that can be read, or an address or a header of it is too long"
_HEADERS = [
    (b"content-type", b"application/problem+json"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
]
"""As every answer has (web/requests.py), which stands behind this and does not hear of what could not be read."""


class GatewayHttpProtocol(HttpToolsProtocol):
    """Pass as `uvicorn.Config(http=GatewayHttpProtocol, ws=GatewayProtocol)`; other `ws` work as with uvicorn's own.

    uvicorn's object and its parser know each other, so that after an upgrade only the garbage collector could free the
    five kilobytes of both. Here they let go of each other.
    """

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - says nothing that helps
        request_id = uuid4().hex
        problem = Problem(
            title=HTTPStatus.BAD_REQUEST.phrase,
            status=HTTPStatus.BAD_REQUEST,
            code=ErrorCode.MALFORMED,
            detail=_UNREADABLE,
            request_id=request_id,
        )
        headers = [*_HEADERS, (b"x-request-id", request_id.encode())]
        self.transport.write(handshake.refused(HTTPStatus.BAD_REQUEST, headers, msgspec.json.encode(problem)))
        self.transport.close()

    def handle_websocket_upgrade(self) -> None:
        if self.ws_protocol_class is GatewayProtocol:
            self.connections.discard(self)
            asgi = AsgiSide(self.config, self.server_state, self.app_state)
            self.transport.set_protocol(asgi.start(self.transport, dict(self.scope), self.url))
        else:
            super().handle_websocket_upgrade()
        self.loop.call_soon(self._let_go)

    def _let_go(self) -> None:
        """Not before the parser, which has called us, has come back."""
        for name in ("parser", "cycle", "flow", "scope", "headers", "transport"):
            setattr(self, name, None)
