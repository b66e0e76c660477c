"""How masks refuse."""

from wire.errors import Conflict, NotAllowed


class NotYoursToMask(NotAllowed):
    def __init__(self) -> None:
        super().__init__("You may not act as this user")


class NoMask(Conflict):
    def __init__(self) -> None:
        super().__init__("You act as nobody but yourself")
