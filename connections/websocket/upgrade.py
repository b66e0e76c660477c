"""From HTTP to WebSocket: uvicorn's HTTP protocol, with the handshake handed over as it was read."""

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from connections.websocket.asgi import AsgiSide
from connections.websocket.protocol import GatewayProtocol


class GatewayHttpProtocol(HttpToolsProtocol):
    """Pass as `uvicorn.Config(http=GatewayHttpProtocol, ws=GatewayProtocol)`; other `ws` work as with uvicorn's own.

    uvicorn's object and its parser know each other, so that after an upgrade only the garbage collector could free the
    five kilobytes of both. Here they let go of each other.
    """

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
