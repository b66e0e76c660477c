"""What can go wrong for a caller of the client.

ClientError
    CommandRefused    understood, and not carried out; says why, which field, and whether to try again
    NotConnected      no connection, or lost before the answer came: nothing is known of the outcome
    Ended             closed for good: coming back would change nothing
"""

from wire.errors import ErrorCode
from wire.replies import Failed


class ClientError(Exception):
    """Anything that the client raises."""


class CommandRefused(ClientError):
    """`code`, `field`, `temporary` and `retry_after` (seconds, or None) as the server told them."""

    def __init__(self, failed: Failed) -> None:
        super().__init__(failed.message)
        self.code: ErrorCode = failed.code
        self.field = failed.field or None
        self.temporary = failed.temporary
        self.retry_after = failed.retry_after or None


class NotConnected(ClientError):
    def __init__(self, message: str = "There is no connection to the server") -> None:
        super().__init__(message)


class Ended(ClientError):
    """`code` is a close code of 4500 or more (wire/errors.py: CloseCode)."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(f"{reason or 'closed for good'} ({code})")
        self.code = code
