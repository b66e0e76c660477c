"""The HTTP operation of one's own password. `web/` serves and documents it."""

from accounts.own_password.service import OwnPasswordService
from wire.operations import Ask, Operation
from wire.security import PasswordChange


def operations(service: OwnPasswordService) -> list[Operation]:
    async def change_password(ask: Ask) -> None:
        await service.change(ask.user, ask.body, ask.client)

    return [
        Operation(
            name="change_password",
            method="PUT",
            path="/v1/password",
            summary="Change one's own password, with the one until now; ends all of one's other logins",
            handler=change_password,
            body=PasswordChange,
            errors=(401, 403, 409, 422, 429, 503),
            body_bytes=8_192,
            tag="accounts",
        )
    ]
