"""The HTTP operation of a reset. `web/` serves and documents it."""

from accounts.paths import user_of
from accounts.resets.service import ResetService
from wire.accounts import UserReset
from wire.http import UserAccount
from wire.operations import Ask, Operation


def operations(service: ResetService) -> list[Operation]:
    async def reset_user(ask: Ask) -> UserAccount:
        return await service.reset(ask.user, user_of(ask), ask.body)

    return [
        Operation(
            name="reset_user",
            method="POST",
            path="/v1/users/{user}/reset",
            summary="Delete what is named of somebody's settings and data for good, and end every login of theirs",
            handler=reset_user,
            body=UserReset,
            returns=UserAccount,
            errors=(401, 403, 422, 503),
            body_bytes=4_096,
            tag="accounts",
        )
    ]
