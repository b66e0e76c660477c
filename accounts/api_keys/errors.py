"""How keys refuse."""

from wire.errors import Conflict, NotAllowed, NotFound, TooMany


class NotYourKeys(NotAllowed):
    def __init__(self) -> None:
        super().__init__("The keys of this company are not yours to manage")


class NameTaken(Conflict):
    def __init__(self) -> None:
        super().__init__("There is a key of this name already", field="name")


class TooManyKeys(TooMany):
    def __init__(self, most: int) -> None:
        super().__init__(f"A company has at most {most} keys; revoke one that is not used")


class KeyGone(NotFound):
    def __init__(self) -> None:
        super().__init__("There is no such key", field="key")
