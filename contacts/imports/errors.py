"""How imports refuse."""

from wire.errors import Conflict, NotFound, TooMany


class ImportNotFound(NotFound):
    def __init__(self) -> None:
        super().__init__("There is no such import, or it is not yours")


class WrongMoment(Conflict):
    """The import is not where this could be done."""


class TooManyImports(TooMany):
    def __init__(self, most: int) -> None:
        super().__init__(f"At most {most} imports at a time: apply or discard one first", retry_after=60)
