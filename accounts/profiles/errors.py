"""How profiles refuse."""

from accounts.model import Account
from wire.errors import Conflict, NotAllowed, NotFound, Refused
from wire.http import Profile
from wire.identity import Caller


class FieldNotEditable(NotAllowed):
    def __init__(self, field: str) -> None:
        super().__init__("This field of the profile is not yours to change", field=field)


class ProfileHasChanged(Conflict):
    """`current`: as it is now, for who looks at both."""

    def __init__(self, current: Profile) -> None:
        super().__init__("The profile was changed meanwhile; read it again and repeat your change", field="rev")
        self.current = current


class UserNotFound(NotFound):
    """There is none, or none that is the caller's to see: the same words."""

    def __init__(self, message: str = "There is no such user among those whom you manage") -> None:
        super().__init__(message, field="user")


def refused_of(caller: Caller, account: Account | None, refusal: Refused) -> Refused:
    """`refusal`, but that an administrator, from whom nobody is hidden, is told who is not there."""
    return UserNotFound() if account is None and caller.is_administrator else refusal
