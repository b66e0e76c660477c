"""How confirmations refuse."""

from wire.errors import NotAllowed, NotFound


class ConfirmationOver(NotFound):
    """The same words whatever is wrong with it."""

    def __init__(self) -> None:
        super().__init__("This link was used already, is too old, or the address is not in use any more", field="token")


class NotYoursToConfirm(NotAllowed):
    def __init__(self) -> None:
        super().__init__("This address is not yours to have confirmed", field="email")
