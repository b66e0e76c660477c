"""What we say to a provider of text messages, and what it says to us: see docs/sms.md."""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from wire.records import LINES

Number = Annotated[str, Meta(pattern=r"^\+[1-9][0-9]{6,14}(?!\n)$")]


class SmsRequest(Struct, frozen=True, rename={"sender": "from"}, kw_only=True):
    """To be sent. `id` is the same each time that we try: it is to be sent once."""

    id: str
    sender: str
    to: str
    text: str


class SmsReceived(Struct, frozen=True, rename={"sender": "from"}, kw_only=True, tag_field="type", tag="message"):
    """Somebody outside has written. `id` is the provider's: the same again is the same message."""

    id: Annotated[str, Meta(min_length=1, max_length=200)]
    sender: Number
    to: Number
    text: Annotated[str, Meta(max_length=8_000, pattern=LINES)]


class SmsState(StrEnum):
    SENT = "sent"
    """The carrier has it."""
    DELIVERED = "delivered"
    FAILED = "failed"


class SmsReport(Struct, frozen=True, kw_only=True, tag_field="type", tag="status"):
    """What became of a message that we sent, by our `id`."""

    id: Annotated[str, Meta(min_length=1, max_length=400)]
    status: SmsState


SmsEvent = SmsReceived | SmsReport
