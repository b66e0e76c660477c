"""How accounts refuse. The sentences are for people; what they need to know is in them."""

import math

from wire.errors import NotAllowed, NotLoggedIn, TooMany, WrongCredentials


class WrongLogin(WrongCredentials):
    """The same words whatever was wrong, so that nobody can find out which accounts exist."""

    def __init__(self) -> None:
        super().__init__("Login or password is wrong")


class TooManyAttempts(TooMany):
    def __init__(self, seconds: float) -> None:
        minutes = max(1, math.ceil(seconds / 60))
        when = "a minute" if minutes == 1 else f"{minutes} minutes"
        super().__init__(f"Too many wrong passwords; try again in {when}", retry_after=float(math.ceil(seconds)))


class TooManyBegun(TooMany):
    def __init__(self, seconds: float) -> None:
        message = "Too many logins were begun from where you are; try again in some minutes"
        super().__init__(message, retry_after=float(math.ceil(seconds)))


class MayNotLogIn(NotAllowed):
    """Said only to somebody who knew the password."""

    def __init__(self) -> None:
        super().__init__("This account may not use the portal; ask your office manager")


class SessionOver(NotLoggedIn):
    def __init__(self) -> None:
        super().__init__("You are not logged in, or your login has ended")
