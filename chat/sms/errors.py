"""What is refused about text messages.

Refused
├── Invalid     NoSuchNumber
├── NotAllowed  BadSignature
└── NotFound    NoNumber
"""

from wire.errors import Invalid, NotAllowed, NotFound


class NoSuchNumber(Invalid):
    def __init__(self) -> None:
        super().__init__("This is no telephone number; write it with its country, like +41 44 123 45 67", field="to")


class NoNumber(NotFound):
    """There is none, or it is not the caller's, or text messages are not set up: which of them is not told."""

    def __init__(self) -> None:
        super().__init__("You have no such number to send text messages from", field="from")


class BadSignature(NotAllowed):
    def __init__(self) -> None:
        super().__init__("This was not signed as it must be, or too long ago")
