"""Presence for those without a WebSocket."""

import msgspec

from presence.service import PresenceService
from wire.errors import Invalid
from wire.http import PresencePage, PresenceQuery
from wire.identity import UserId
from wire.limits import LIMITS
from wire.operations import Ask, Operation
from wire.records import Explanation, Presence

_decode_page = msgspec.json.Decoder(PresencePage).decode
_decode_record = msgspec.json.Decoder(Presence).decode


def operations(service: PresenceService) -> list[Operation]:
    return [
        _list_presence(service),
        _get_presence(service),
        _explain_presence(service),
    ]


def _list_presence(service: PresenceService) -> Operation:
    async def list_presence(ask: Ask) -> PresencePage:
        query: PresenceQuery = ask.query
        view = await service.view(ask.user.domain)
        users = None if query.users is None else [_user_of(user, "users") for user in query.users.split(",")]
        if users is not None and len(users) > LIMITS.watched_users:
            raise Invalid(f"At most {LIMITS.watched_users} users at a time", field="users")
        return _decode_page(view.snapshot_for(ask.user, users))

    return Operation(
        name="list_presence",
        method="GET",
        path="/v1/presence",
        summary="The presence of everybody whom the caller may see, or of those named; absent means offline",
        handler=list_presence,
        query=PresenceQuery,
        returns=PresencePage,
        errors=(401, 422, 503),
        tag="presence",
    )


def _get_presence(service: PresenceService) -> Operation:
    async def get_presence(ask: Ask) -> Presence:
        user = _user_of(ask.path["user"])
        view = await service.view(ask.user.domain)
        record = view.record_for(ask.user, user)
        # Whoever is unknown, was never seen or may not be seen gets the same answer: nothing is revealed by it.
        return _decode_record(record) if record is not None else Presence(user=user, rev=0)

    return Operation(
        name="get_presence",
        method="GET",
        path="/v1/presence/{user}",
        summary="One user's presence",
        handler=get_presence,
        returns=Presence,
        errors=(401, 422, 503),
        tag="presence",
    )


def _explain_presence(service: PresenceService) -> Operation:
    async def explain_presence(ask: Ask) -> Explanation:
        return await service.explain(ask.user, _user_of(ask.path["user"]))

    return Operation(
        name="explain_presence",
        method="GET",
        path="/v1/presence/{user}/why",
        summary="What is behind a user's colour: devices, calls, sessions, sources, times; and the day's colours",
        handler=explain_presence,
        returns=Explanation,
        errors=(401, 403, 404, 422, 503),
        tag="presence",
    )


def _user_of(text: str, field: str = "user") -> UserId:
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise Invalid("A user's id is a whole number", field=field)
    return UserId(int(text))
