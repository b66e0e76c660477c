"""Where one client's frames go: straight to the transport under our own protocol class or the library's (websocket/),
or through ASGI `send` on any other server (asgi_outlet.py), slower but equal in what clients see.
"""

from typing import Protocol

from connections.frames import Delivery
from wire.codec import Subprotocol

EXTENSION = "presence.outlet"
"""The ASGI extension under which a connection's outlet is found, if the server has one."""


CLOSE_TIMEOUT = 5.0
"""Seconds for a client to answer our close frame; then the connection is cut."""


class Follower(Protocol):
    """Who wants to know whether the outlet takes more: session.py. Called when `is_clear` changes."""

    def outlet_blocked(self) -> None: ...

    def outlet_cleared(self) -> None: ...


class Receiver(Protocol):
    """Who gets what the client sends, once the connection is detached: inbox.py."""

    def received(self, payload: str | bytes, /) -> None:
        """A whole message. Must not raise."""

    def disconnected(self, code: int, /) -> None:
        """The end, once: the client's close code, or 1006 if it went without one."""


class Outlet(Protocol):
    """Never waits. `is_clear`: everything written so far has left this process.

    `fd`: the plain TCP socket that may be written to directly while `is_clear`, or -1.
    """

    fd: int
    is_clear: bool
    follower: Follower

    def write(self, delivery: Delivery, subprotocol: Subprotocol) -> None:
        """Sends a whole message. Only while `is_clear`, so that nothing piles up here; but for the starting state,
        which is bounded by itself."""

    def write_rest(self, rest: bytes) -> None:
        """The part of a frame that a direct write to `fd` did not take."""

    def close(self, code: int, reason: str) -> None:
        """Starts the closing handshake; nothing is written afterwards. Ends the connection even if nobody answers."""

    def abort(self) -> None:
        """Ends the connection at once, with what is buffered."""

    def allow_messages_of(self, size: int) -> None:
        """The largest message accepted from now on, in bytes."""

    def detach(self, receiver: Receiver) -> bool:
        """From now on messages go to the receiver, and the ASGI application may return: no task waits for them.

        False: this server cannot; go on receiving through ASGI.
        """

    def hold_reading(self, hold: bool) -> None:
        """Whether the client's messages have to wait in its own buffers. Only while detached."""


class Nobody:
    """Follows an outlet that nobody follows yet, or any more."""

    def outlet_blocked(self) -> None:
        return None

    def outlet_cleared(self) -> None:
        return None


NOBODY = Nobody()
