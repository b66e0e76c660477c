"""How a change of one's own password refuses."""

from wire.errors import Conflict, Invalid, NotAllowed


class NotYoursToChange(NotAllowed):
    def __init__(self) -> None:
        super().__init__("This password is not yours to change")


class NotThePassword(Invalid):
    def __init__(self) -> None:
        super().__init__("This is not your current password", field="current")


class ChangedMeanwhile(Conflict):
    def __init__(self) -> None:
        super().__init__("The password was changed elsewhere meanwhile; log in again")
