"""How administration refuses."""

from wire.errors import Conflict, NotAllowed, NotFound


class KeyNameTaken(Conflict):
    def __init__(self) -> None:
        super().__init__("There is an administration key of this name already", field="name")


class NoSuchKey(NotFound):
    def __init__(self, name: str) -> None:
        super().__init__(f"There is no administration key {name}", field="name")


class NotForThisDomain(NotAllowed):
    def __init__(self) -> None:
        super().__init__("This key was not made for this company", field="domain")


class NoSuchDomain(NotFound):
    def __init__(self, domain: str) -> None:
        super().__init__(f"There is no domain {domain}", field="domain")
