"""The HTTP operations of links. `web/` serves and documents them."""

from accounts.links.service import LinkService
from accounts.paths import user_of
from wire.http import ForgottenPassword, NewPassword, PasswordLink, PasswordLinkToken, PasswordReset, UserAccount
from wire.operations import Access, Ask, Operation


def operations(service: LinkService) -> list[Operation]:
    return [
        _reset_password(service),
        _send_welcome(service),
        _ask_for_password_link(service),
        _look_at_password_link(service),
        _set_password(service),
    ]


def _reset_password(service: LinkService) -> Operation:
    async def reset_password(ask: Ask) -> UserAccount:
        return await service.reset(ask.user, user_of(ask), ask.body, ask.client)

    return Operation(
        name="reset_password",
        method="POST",
        path="/v1/users/{user}/password-reset",
        summary="Take somebody's password away and end every login of theirs, for who manages them",
        handler=reset_password,
        body=PasswordReset,
        returns=UserAccount,
        errors=(401, 403, 404, 422, 429, 503),
        body_bytes=4_096,
        tag="accounts",
    )


def _send_welcome(service: LinkService) -> Operation:
    async def send_welcome(ask: Ask) -> UserAccount:
        return await service.welcome(ask.user, user_of(ask), ask.client)

    return Operation(
        name="send_welcome",
        method="POST",
        path="/v1/users/{user}/welcome",
        summary="Mail somebody a link, good for seven days, that sets password and PIN, for who manages them",
        handler=send_welcome,
        returns=UserAccount,
        errors=(401, 403, 404, 422, 429, 503),
        tag="accounts",
    )


def _ask_for_password_link(service: LinkService) -> Operation:
    async def ask_for_link(ask: Ask) -> None:
        await service.ask(ask.body, ask.client)

    return Operation(
        name="ask_for_password_link",
        method="POST",
        path="/v1/password/forgotten",
        summary="Have a link mailed that sets a new password; the answer is the same if there is no such user",
        handler=ask_for_link,
        access=Access.PUBLIC,
        body=ForgottenPassword,
        status=202,
        errors=(403, 422, 429, 503),
        body_bytes=4_096,
        tag="accounts",
    )


def _look_at_password_link(service: LinkService) -> Operation:
    async def look_at_link(ask: Ask) -> PasswordLink:
        return await service.look(ask.body.token)

    return Operation(
        name="look_at_password_link",
        method="POST",
        path="/v1/password/link",
        summary="Whose password a link sets, and until when; the link stays good",
        handler=look_at_link,
        access=Access.PUBLIC,
        body=PasswordLinkToken,
        returns=PasswordLink,
        errors=(403, 404, 422, 503),
        body_bytes=4_096,
        tag="accounts",
    )


def _set_password(service: LinkService) -> Operation:
    async def set_password(ask: Ask) -> None:
        await service.use(ask.body, ask.client)

    return Operation(
        name="set_password",
        method="POST",
        path="/v1/password",
        summary="Set a new password by a link, once; ends every login of the user",
        handler=set_password,
        access=Access.PUBLIC,
        body=NewPassword,
        errors=(403, 404, 422, 503),
        body_bytes=8_192,
        tag="accounts",
    )
