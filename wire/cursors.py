"""Places in lists as opaque text: clients send back what they were given."""

import base64
from typing import TypeVar

import msgspec

from wire.errors import Invalid

Place = TypeVar("Place")


class WrongCursor(Invalid):
    def __init__(self) -> None:
        super().__init__("This is not a place in the list; take `next` of an answer as it is", field="after")


def encode_cursor(place: object) -> str:
    return base64.urlsafe_b64encode(msgspec.msgpack.encode(place)).decode("ascii").rstrip("=")


def decode_cursor(cursor: str, kind: type[Place]) -> Place:
    """Raises `WrongCursor`. What it holds came from outside, and may be out of any range."""
    try:
        return msgspec.msgpack.decode(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)), type=kind)
    except (ValueError, msgspec.DecodeError) as error:
        raise WrongCursor from error
