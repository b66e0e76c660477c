"""How second factors refuse."""

import math

from wire.errors import Conflict, Invalid, NotAllowed, NotLoggedIn, TooMany, WrongCredentials


class WrongCode(WrongCredentials):
    """Also said of a code that was used already: whoever looked over a shoulder need not know that it was right."""

    def __init__(self) -> None:
        super().__init__("This code is wrong, or was used already", field="code")


class TooManyCodes(TooMany):
    def __init__(self, seconds: float) -> None:
        minutes = max(1, math.ceil(seconds / 60))
        when = "a minute" if minutes == 1 else f"{minutes} minutes"
        message = f"Too many wrong codes; use a recovery code, or try again in {when}"
        super().__init__(message, retry_after=float(math.ceil(seconds)))


class LoginOver(NotLoggedIn):
    """Of a login that waited for its second step."""

    def __init__(self) -> None:
        super().__init__("This login has taken too long, or was finished already; begin again", field="token")


class NotYourFactor(NotAllowed):
    def __init__(self) -> None:
        super().__init__("This second factor is not yours to change")


class NoProof(Invalid):
    """`field`: what of the proof is wrong or lacking."""

    def __init__(self, message: str, field: str) -> None:
        super().__init__(message, field=field)


class SetUpOver(Conflict):
    def __init__(self) -> None:
        super().__init__("Setting up has taken too long, or was begun anew elsewhere; begin again")


class NothingToTurnOff(Conflict):
    def __init__(self) -> None:
        super().__init__("No second factor is turned on")


class FactorRequired(NotAllowed):
    def __init__(self) -> None:
        super().__init__("Your company requires a second factor; it can be replaced, but not turned off")
