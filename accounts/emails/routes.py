"""The HTTP operations of confirmations. `web/` serves and documents them."""

from accounts.emails.service import EmailService
from accounts.paths import user_of
from wire.accounts import AddressToConfirm, EmailConfirmation, EmailToken
from wire.operations import Access, Ask, Operation


def operations(service: EmailService) -> list[Operation]:
    return [
        _ask_for_confirmation(service),
        _ask_user_for_confirmation(service),
        _look_at_email_link(service),
        _confirm_email(service),
    ]


def _ask_for_confirmation(service: EmailService) -> Operation:
    async def ask_again(ask: Ask) -> None:
        await service.ask_again(ask.user, ask.body, ask.client, None)

    return Operation(
        name="ask_for_confirmation",
        method="POST",
        path="/v1/profile/emails/confirmation",
        summary="Mail another link to one's own address that waits to be confirmed",
        handler=ask_again,
        body=AddressToConfirm,
        status=202,
        errors=(401, 403, 422, 429, 503),
        body_bytes=4_096,
        tag="accounts",
    )


def _ask_user_for_confirmation(service: EmailService) -> Operation:
    async def ask_again_for(ask: Ask) -> None:
        await service.ask_again(ask.user, ask.body, ask.client, user_of(ask))

    return Operation(
        name="ask_user_for_confirmation",
        method="POST",
        path="/v1/users/{user}/emails/confirmation",
        summary="Mail another link to somebody's address that waits to be confirmed, for who manages them",
        handler=ask_again_for,
        body=AddressToConfirm,
        status=202,
        errors=(401, 403, 422, 429, 503),
        body_bytes=4_096,
        tag="accounts",
    )


def _look_at_email_link(service: EmailService) -> Operation:
    async def look(ask: Ask) -> EmailConfirmation:
        return await service.look(ask.body)

    return Operation(
        name="look_at_email_link",
        method="POST",
        path="/v1/email/link",
        summary="Which address a link confirms; the link stays good",
        handler=look,
        access=Access.PUBLIC,
        body=EmailToken,
        returns=EmailConfirmation,
        errors=(403, 404, 422, 503),
        body_bytes=4_096,
        tag="accounts",
    )


def _confirm_email(service: EmailService) -> Operation:
    async def confirm(ask: Ask) -> EmailConfirmation:
        return await service.confirm(ask.body, ask.client)

    return Operation(
        name="confirm_email",
        method="POST",
        path="/v1/email/confirm",
        summary="Confirm an e-mail address by the link that was mailed to it, once",
        handler=confirm,
        access=Access.PUBLIC,
        body=EmailToken,
        returns=EmailConfirmation,
        errors=(403, 404, 422, 503),
        body_bytes=4_096,
        tag="accounts",
    )
