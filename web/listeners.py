"""Two doors into one application: users come in at one port, telephone switches at another.

A switch is a machine in a network of its own; so that its door can stay closed to everybody else, what is for switches
answers there and nowhere else, and nothing else answers there but the probes.
"""

from starlette.types import ASGIApp, Receive, Scope, Send

from web.problems import NOTHING_HERE, problem_of_status, response_of

_FOR_SWITCHES = "/ingest/"
_FOR_BOTH = frozenset({"/healthz", "/readyz"})


class SwitchesApart:
    """Which requests get through. Others get the 404 of an address that is not there."""

    def __init__(self, app: ASGIApp, switch_port: int) -> None:
        self._app = app
        self._switch_port = switch_port

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not self._is_right_door(scope):
            await response_of(problem_of_status(404, NOTHING_HERE), {})(scope, receive, send)
            return
        if scope["type"] == "websocket" and self._is_for_switches(scope):
            await send({"type": "websocket.close"})
            return
        await self._app(scope, receive, send)

    def _is_right_door(self, scope: Scope) -> bool:
        path: str = scope["path"]
        return path in _FOR_BOTH or path.startswith(_FOR_SWITCHES) == self._is_for_switches(scope)

    def _is_for_switches(self, scope: Scope) -> bool:
        server = scope.get("server")
        return server is not None and server[1] == self._switch_port
