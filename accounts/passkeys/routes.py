"""The HTTP operations of passkeys. `web/` serves and documents them."""

from accounts.passkeys.model import PasskeyId
from accounts.passkeys.service import PasskeyService
from accounts.paths import id_of
from accounts.routes import entered
from wire.http import LoggedIn
from wire.operations import Access, Answer, Ask, Operation
from wire.security import NewPasskey, OwnPasskey, OwnPasskeys, PasskeyBegun, PasskeyLogin, PasskeyWanted, Proof

_BODY = 32_768


def operations(service: PasskeyService) -> list[Operation]:
    return [*_entering(service), *_own(service)]


def _entering(service: PasskeyService) -> list[Operation]:
    async def ask_for_passkey(ask: Ask) -> PasskeyBegun:
        return await service.ask(ask.body.domain, ask.client)

    async def log_in_with_passkey(ask: Ask) -> Answer:
        return entered(*await service.enter(ask.body, ask.client))

    return [
        Operation(
            name="ask_for_passkey",
            method="POST",
            path="/v1/login/passkey/begin",
            summary="What a browser is to ask its authenticator, to log in with a passkey alone",
            handler=ask_for_passkey,
            access=Access.PUBLIC,
            body=PasskeyWanted,
            returns=PasskeyBegun,
            errors=(403, 409, 422, 429, 503),
            body_bytes=4_096,
            tag="accounts",
        ),
        Operation(
            name="log_in_with_passkey",
            method="POST",
            path="/v1/login/passkey",
            summary="Log in with a passkey; gives a cookie or a token",
            handler=log_in_with_passkey,
            access=Access.PUBLIC,
            body=PasskeyLogin,
            returns=LoggedIn,
            errors=(401, 403, 409, 422, 503),
            body_bytes=_BODY,
            tag="accounts",
        ),
    ]


def _own(service: PasskeyService) -> list[Operation]:
    return [
        _list_passkeys(service),
        _begin_passkey(service),
        _add_passkey(service),
        _remove_passkey(service),
    ]


def _list_passkeys(service: PasskeyService) -> Operation:
    async def list_passkeys(ask: Ask) -> OwnPasskeys:
        return await service.mine(ask.user)

    return Operation(
        name="list_passkeys",
        method="GET",
        path="/v1/passkeys",
        summary="One's own passkeys, and whether there can be any under this address",
        handler=list_passkeys,
        returns=OwnPasskeys,
        errors=(401, 403, 503),
        tag="accounts",
    )


def _begin_passkey(service: PasskeyService) -> Operation:
    async def begin_passkey(ask: Ask) -> PasskeyBegun:
        return await service.begin(ask.user, ask.body, ask.client)

    return Operation(
        name="begin_passkey",
        method="POST",
        path="/v1/passkeys/begin",
        summary="What a browser is to ask its authenticator, to make a passkey",
        handler=begin_passkey,
        body=Proof,
        returns=PasskeyBegun,
        errors=(401, 403, 409, 422, 429, 503),
        body_bytes=4_096,
        tag="accounts",
    )


def _add_passkey(service: PasskeyService) -> Operation:
    async def add_passkey(ask: Ask) -> OwnPasskey:
        return await service.add(ask.user, ask.body)

    return Operation(
        name="add_passkey",
        method="POST",
        path="/v1/passkeys",
        summary="Keep the passkey that the authenticator has made",
        handler=add_passkey,
        body=NewPasskey,
        returns=OwnPasskey,
        status=201,
        errors=(401, 403, 409, 422, 429, 503),
        body_bytes=_BODY,
        tag="accounts",
    )


def _remove_passkey(service: PasskeyService) -> Operation:
    async def remove_passkey(ask: Ask) -> None:
        await service.remove(ask.user, PasskeyId(id_of(ask, "passkey")), ask.body, ask.client)

    return Operation(
        name="remove_passkey",
        method="POST",
        path="/v1/passkeys/{passkey}/remove",
        summary="Remove one of one's passkeys",
        handler=remove_passkey,
        body=Proof,
        errors=(401, 403, 404, 422, 429, 503),
        body_bytes=4_096,
        tag="accounts",
    )
