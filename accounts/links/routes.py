"""The HTTP operations of links. `web/` serves and documents them."""

from accounts.links.service import LinkService
from wire.http import ForgottenPassword, NewPassword, PasswordLink, PasswordLinkToken
from wire.operations import Access, Ask, Operation


def operations(service: LinkService) -> list[Operation]:
    async def ask_for_link(ask: Ask) -> None:
        await service.ask(ask.body, ask.client)

    async def look_at_link(ask: Ask) -> PasswordLink:
        return await service.look(ask.body.token)

    async def set_password(ask: Ask) -> None:
        await service.use(ask.body, ask.client)

    return [
        Operation(
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
        ),
        Operation(
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
        ),
        Operation(
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
        ),
    ]
