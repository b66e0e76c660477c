"""The HTTP operations of masks. `web/` serves and documents them."""

from accounts.entering import SESSION_AT_MOST
from accounts.masks.service import MaskService
from accounts.paths import user_of
from accounts.routes import SESSION_COOKIE
from wire.http import LoggedIn
from wire.operations import Answer, Ask, Cookie, Operation


def operations(service: MaskService) -> list[Operation]:
    async def begin_mask(ask: Ask) -> Answer:
        return _answer(*await service.begin(ask.user, user_of(ask), ask.client))

    async def end_mask(ask: Ask) -> Answer:
        return _answer(*await service.end(ask.user))

    return [
        Operation(
            name="begin_mask",
            method="POST",
            path="/v1/users/{user}/mask",
            summary="Act as somebody of a lower scope; the own login goes on when the mask is taken off",
            handler=begin_mask,
            returns=LoggedIn,
            errors=(401, 403, 422, 503),
            tag="accounts",
        ),
        Operation(
            name="end_mask",
            method="POST",
            path="/v1/mask/end",
            summary="Take the mask off and be oneself again; a cookie gets the own login back",
            handler=end_mask,
            returns=LoggedIn,
            errors=(401, 409, 503),
            tag="accounts",
        ),
    ]


def _answer(token: str | None, told: LoggedIn) -> Answer:
    # As long as a login's, which the own one goes on to be; the server decides when either ends.
    age = int(SESSION_AT_MOST.total_seconds())
    return Answer(told, cookies=() if token is None else (Cookie(SESSION_COOKIE, token, max_age=age),))
