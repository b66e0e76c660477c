"""What stands in the paths of operations."""

from wire.errors import Invalid
from wire.identity import UserId
from wire.operations import Ask


def user_of(ask: Ask) -> UserId:
    text = ask.path["user"]
    if not (text.isascii() and text.isdigit()) or not 0 < len(text) < 10:
        raise Invalid("A user is named by a number", field="user")
    return UserId(int(text))
