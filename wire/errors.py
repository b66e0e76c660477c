"""What can go wrong, as the other side is told.

    Refused                 a request we understood and will not carry out; answers one command or one HTTP request
    ├── Invalid             the input is wrong; `field` says where
    ├── NotLoggedIn
    ├── SecondFactorRequired
    ├── NotAllowed
    ├── NotFound
    ├── Conflict            it changed meanwhile, or exists already
    ├── NoRoom              what may be stored is used up
    ├── TooMany             over a rate or a limit; `retry_after` says when to come back
    └── Unavailable         a store does not answer; the same request may work in a moment

An *answer* (ErrorCode) concerns one command and leaves the connection open. A *goodbye* (CloseCode) ends the
connection, and its range tells every client, also one that does not know the number, whether to come back.
"""

from enum import IntEnum, StrEnum
from typing import ClassVar


class ErrorCode(StrEnum):
    """Why a command or request was refused."""

    INVALID = "invalid"
    """The input is wrong; `field` says where."""
    MALFORMED = "malformed"
    """Not readable at all, or not an object."""
    UNKNOWN_COMMAND = "unknown_command"
    NOT_LOGGED_IN = "not_logged_in"
    """No session, or one that has ended."""
    WRONG_CREDENTIALS = "wrong_credentials"
    """The login or the password is wrong; which of them is not told. Or the code of a second factor is."""
    SECOND_FACTOR_REQUIRED = "second_factor_required"
    """The password was right; the login goes on with what `second_factor` of the problem document says."""
    NOT_ALLOWED = "not_allowed"
    NOT_FOUND = "not_found"
    """It does not exist, or not for you."""
    CONFLICT = "conflict"
    """It changed meanwhile, or exists already."""
    TOO_LARGE = "too_large"
    NO_ROOM = "no_room"
    """What may be stored is used up: something has to be deleted first."""
    TOO_MANY = "too_many"
    """Over a rate or a limit; come back after `retry_after` seconds."""
    UNAVAILABLE = "unavailable"
    """A store does not answer."""
    INTERNAL = "internal"
    """A fault of ours. It has been logged."""

    @property
    def temporary(self) -> bool:
        """Whether the same request may succeed later without being changed."""
        return self in {ErrorCode.TOO_MANY, ErrorCode.UNAVAILABLE, ErrorCode.INTERNAL}


class CloseCode(IntEnum):
    """Why a connection ended. 4000-4499: reconnect (after a random wait); 4500-4999: do not."""

    SLOW_READER = 4000
    """Too much was waiting for this client: come back and resume from your positions."""
    GOING_AWAY = 4001
    """This gateway drains; another one takes over."""
    NOT_ALIVE = 4002
    """Nothing was heard for two heartbeat intervals."""
    TOO_FAST = 4003
    """Commands kept coming after they were refused."""
    UNAVAILABLE = 4004
    """A store does not answer, so that nothing true could be told."""
    AUTHENTICATION_TIMEOUT = 4005
    ROLE_CHANGED = 4006
    """What the user may do or see is another by now: come back and begin with that."""
    BUSY = 4007
    """Too many come at the same time, or are here already: `reconnect`, just before, says when to come back."""
    TIMELINE_CHANGED = 4008
    """Another database took over, which may not have what was told last: come back, and see `connected.timeline`."""

    NOT_LOGGED_IN = 4500
    """No session, or one that ended: log in again."""
    SESSION_ENDED = 4501
    """Logged out, or the session was ended by a manager."""
    ORIGIN_REFUSED = 4502
    UNKNOWN_SUBPROTOCOL = 4503
    MALFORMED = 4504
    """The client keeps sending what cannot be read: it needs repair, not another try."""
    TOO_MANY_CONNECTIONS = 4505

    @property
    def should_reconnect(self) -> bool:
        return self < 4500


class Refused(Exception):
    """A request we understood and will not carry out. Raised by domains, answered by dispatch and one HTTP handler.

    `message` is for people; `field` names the input that is wrong, by its JSON path without the leading `$.`;
    `retry_after` is in seconds.
    """

    code: ClassVar[ErrorCode] = ErrorCode.INTERNAL

    def __init__(self, message: str, *, field: str | None = None, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.retry_after = retry_after


class Invalid(Refused):
    code = ErrorCode.INVALID


class Malformed(Refused):
    """Not JSON (or MessagePack) at all, or not an object."""

    code = ErrorCode.MALFORMED


class UnknownCommand(Refused):
    code = ErrorCode.UNKNOWN_COMMAND


class NotLoggedIn(Refused):
    code = ErrorCode.NOT_LOGGED_IN


class WrongCredentials(Refused):
    code = ErrorCode.WRONG_CREDENTIALS


class SecondFactorRequired(Refused):
    """The first step of a login was right. `token` is for the second one, within `expires_in` seconds.

    `methods`: what will do: `code` (of an authenticator app, or a recovery code), `passkey`; or `set_up`: there is none
    yet, and one has to be set up.
    """

    code = ErrorCode.SECOND_FACTOR_REQUIRED

    def __init__(self, token: str, methods: list[str], expires_in: int) -> None:
        super().__init__("The password is right; a second factor is needed, too")
        self.token = token
        self.methods = methods
        self.expires_in = expires_in


class NotAllowed(Refused):
    code = ErrorCode.NOT_ALLOWED


class NotFound(Refused):
    code = ErrorCode.NOT_FOUND


class Conflict(Refused):
    code = ErrorCode.CONFLICT


class TooLarge(Refused):
    code = ErrorCode.TOO_LARGE


class NoRoom(Refused):
    code = ErrorCode.NO_ROOM


class TooMany(Refused):
    code = ErrorCode.TOO_MANY


class Unavailable(Refused):
    code = ErrorCode.UNAVAILABLE
