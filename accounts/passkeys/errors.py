"""How passkeys refuse."""

from wire.errors import Conflict, NotAllowed, NotFound, NotLoggedIn, TooMany, WrongCredentials


class NoPasskeysHere(Conflict):
    def __init__(self) -> None:
        super().__init__("Passkeys need a name and https: they are bound to the address under which people reach us")


class WrongPasskey(WrongCredentials):
    """The same words whatever is wrong with it."""

    def __init__(self) -> None:
        super().__init__("This passkey lets nobody in here", field="passkey")


class PasskeyOver(NotLoggedIn):
    def __init__(self) -> None:
        super().__init__("This has taken too long; begin again", field="token")


class NotYourPasskeys(NotAllowed):
    def __init__(self) -> None:
        super().__init__("These passkeys are not yours to see or change")


class PasskeyGone(NotFound):
    def __init__(self) -> None:
        super().__init__("There is no such passkey", field="passkey")


class TooManyPasskeys(TooMany):
    def __init__(self, most: int) -> None:
        super().__init__(f"You have {most} passkeys; remove one that you do not use")


class PasskeyKnown(Conflict):
    def __init__(self) -> None:
        super().__init__("This passkey is known already", field="passkey")
