"""The HTTP operations of the list of logins. `web/` serves and documents them."""

from accounts.paths import id_of
from accounts.sessions.service import SessionService
from wire.identity import SessionId
from wire.operations import Ask, Operation
from wire.security import Logins, LoginsEnded


def operations(service: SessionService) -> list[Operation]:
    async def list_logins(ask: Ask) -> Logins:
        return await service.list_own(ask.user)

    async def end_login(ask: Ask) -> None:
        await service.end_own(ask.user, SessionId(id_of(ask, "session")))

    async def end_other_logins(ask: Ask) -> LoginsEnded:
        return await service.end_others(ask.user)

    return [
        Operation(
            name="list_logins",
            method="GET",
            path="/v1/sessions",
            summary="One's own logins: where from, since when, in which client",
            handler=list_logins,
            returns=Logins,
            errors=(401, 403, 503),
            tag="accounts",
        ),
        Operation(
            name="end_login",
            method="DELETE",
            path="/v1/sessions/{session}",
            summary="End one of one's own logins and close its connections",
            handler=end_login,
            errors=(401, 403, 404, 422, 503),
            tag="accounts",
        ),
        Operation(
            name="end_other_logins",
            method="DELETE",
            path="/v1/sessions",
            summary="End all of one's logins but this one, and close their connections",
            handler=end_other_logins,
            returns=LoginsEnded,
            errors=(401, 403, 503),
            tag="accounts",
        ),
    ]
