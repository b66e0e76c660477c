"""How imports refuse."""

from wire.errors import Conflict, NotAllowed, NotFound, TooMany


class ImportNotFound(NotFound):
    def __init__(self) -> None:
        super().__init__("There is no such import, or it is not yours")


class NotYoursToExport(NotAllowed):
    def __init__(self) -> None:
        super().__init__("Shared contacts are exported by who manages them")


class WrongMoment(Conflict):
    """The import is not where this could be done."""


class TooManyImports(TooMany):
    def __init__(self, most: int) -> None:
        super().__init__(f"At most {most} imports at a time: apply or discard one first", retry_after=60)
