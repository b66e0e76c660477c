"""What stands in the paths of operations."""

from wire.errors import Invalid
from wire.identity import UserId
from wire.operations import Ask

_MOST_ID = 64


def id_of(ask: Ask, name: str) -> str:
    """Of a path with `{name}` in it, where ids are random text. Raises `Invalid`."""
    text = ask.path[name]
    if not text.isascii() or not text.isprintable() or len(text) > _MOST_ID:
        raise Invalid("This is no name of ours", field=name)
    return text


def user_of(ask: Ask) -> UserId:
    text = ask.path["user"]
    if not (text.isascii() and text.isdigit()) or not 0 < len(text) < 10:
        raise Invalid("A user is named by a number", field="user")
    return UserId(int(text))
