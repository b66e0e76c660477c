"""The HTTP operations of the list of logins. `web/` serves and documents them."""

from accounts.sessions.service import SessionService
from wire.errors import Invalid
from wire.identity import SessionId
from wire.operations import Ask, Operation
from wire.security import Logins, LoginsEnded

_MOST_ID = 64


def operations(service: SessionService) -> list[Operation]:
    async def list_logins(ask: Ask) -> Logins:
        return await service.list_own(ask.user)

    async def end_login(ask: Ask) -> None:
        await service.end_own(ask.user, _session_of(ask))

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


def _session_of(ask: Ask) -> SessionId:
    text = ask.path["session"]
    if not text.isascii() or not text.isprintable() or len(text) > _MOST_ID:
        raise Invalid("This is not the name of a login", field="session")
    return SessionId(text)
