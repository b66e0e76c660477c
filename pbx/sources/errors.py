"""How the administration of switches refuses."""

from wire.errors import Conflict, NotAllowed, NotFound


class SourceExists(Conflict):
    def __init__(self, source: str) -> None:
        super().__init__(f"There is a source {source} already", field="source")


class NoSuchSource(NotFound):
    def __init__(self, source: str) -> None:
        super().__init__(f"There is no source {source}", field="source")


class SourceNotYours(NotAllowed):
    def __init__(self) -> None:
        super().__init__("This switch reports of companies, too, for which this key was not made", field="source")
