"""How the administration of users refuses."""

from wire.errors import Conflict, NotAllowed


class NotYoursToAdminister(NotAllowed):
    def __init__(self, message: str = "This user is not yours to administer", field: str | None = None) -> None:
        super().__init__(message, field=field)


class ExtensionTaken(Conflict):
    """`differing`: what the user who has it is not, of what was asked for."""

    def __init__(self, extension: str, differing: tuple[str, ...] = ()) -> None:
        plain = f"There is a user {extension} already"
        super().__init__(f"{plain}, with another {', '.join(differing)}" if differing else plain, field="extension")


class LoginNameTaken(Conflict):
    def __init__(self, login_name: str) -> None:
        super().__init__(f"The login name {login_name} is taken", field="login_name")
