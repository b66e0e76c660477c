"""How the list of logins refuses."""

from wire.errors import NotAllowed, NotFound


class NotWhileMasked(NotAllowed):
    def __init__(self) -> None:
        super().__init__("Logins are shown only to whoever they belong to")


class LoginGone(NotFound):
    def __init__(self) -> None:
        super().__init__("This login has ended already", field="session")
