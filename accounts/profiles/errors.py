"""How profiles refuse."""

from wire.errors import Conflict, NotAllowed, NotFound
from wire.http import Profile


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

    def __init__(self) -> None:
        super().__init__("There is no such user among those whom you manage", field="user")
