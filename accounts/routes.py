"""The HTTP operations of accounts. `web/` serves and documents them."""

from accounts.entering import SESSION_AT_MOST
from accounts.service import AccountService
from wire.http import LoggedIn, LoginRequest, Me, TicketMade
from wire.operations import Access, Answer, Ask, Cookie, Operation

SESSION_COOKIE = "presence_session"


def entered(token: str, logged_in: LoggedIn) -> Answer:
    """Whoever did not ask for the token gets it as a cookie."""
    if logged_in.token is not None:
        return Answer(logged_in)
    # The browser may keep it for as long as it could live; the server decides when it ends.
    return Answer(logged_in, cookies=(Cookie(SESSION_COOKIE, token, max_age=int(SESSION_AT_MOST.total_seconds())),))


def operations(service: AccountService) -> list[Operation]:
    return [
        _log_in(service),
        _log_out(service),
        _get_me(service),
        _make_ticket(service),
    ]


def _log_in(service: AccountService) -> Operation:
    async def log_in(ask: Ask) -> Answer:
        return entered(*await service.login(ask.body, ask.client))

    return Operation(
        name="log_in",
        method="POST",
        path="/v1/login",
        summary="Log in with login name and password; gives a cookie or a token, or asks for a second factor",
        handler=log_in,
        access=Access.PUBLIC,
        body=LoginRequest,
        returns=LoggedIn,
        errors=(401, 403, 422, 429, 503),
        body_bytes=4_096,
        tag="accounts",
    )


def _log_out(service: AccountService) -> Operation:
    async def log_out(ask: Ask) -> Answer:
        await service.logout(ask.user)
        return Answer(cookies=(Cookie(SESSION_COOKIE, None),))

    return Operation(
        name="log_out",
        method="POST",
        path="/v1/logout",
        summary="End this login and close its connections",
        handler=log_out,
        status=204,
        errors=(401, 503),
        tag="accounts",
    )


def _get_me(service: AccountService) -> Operation:
    async def get_me(ask: Ask) -> Me:
        return await service.me(ask.user)

    return Operation(
        name="get_me",
        method="GET",
        path="/v1/me",
        summary="Who is logged in, and what they may do",
        handler=get_me,
        returns=Me,
        errors=(401, 503),
        tag="accounts",
    )


def _make_ticket(service: AccountService) -> Operation:
    async def make_ticket(ask: Ask) -> TicketMade:
        return await service.make_ticket(ask.user)

    return Operation(
        name="make_ticket",
        method="POST",
        path="/v1/tickets",
        summary="Make a ticket that opens one WebSocket within half a minute",
        handler=make_ticket,
        returns=TicketMade,
        status=201,
        errors=(401, 503),
        tag="accounts",
    )
