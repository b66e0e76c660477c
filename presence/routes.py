"""Presence for those without a WebSocket."""

import msgspec

from presence.service import PresenceService
from wire.errors import Invalid
from wire.http import PresencePage
from wire.identity import UserId
from wire.operations import Ask, Operation
from wire.records import Presence

_decode_page = msgspec.json.Decoder(PresencePage).decode
_decode_record = msgspec.json.Decoder(Presence).decode


def operations(service: PresenceService) -> list[Operation]:
    async def list_presence(ask: Ask) -> PresencePage:
        view = await service.view(ask.user.domain)
        return _decode_page(view.snapshot_for(ask.user))

    async def get_presence(ask: Ask) -> Presence:
        user = _user_of(ask.path["user"])
        view = await service.view(ask.user.domain)
        record = view.record_for(ask.user, user)
        # Whoever is unknown, was never seen or may not be seen gets the same answer: nothing is revealed by it.
        return _decode_record(record) if record is not None else Presence(user=user, rev=0)

    return [
        Operation(
            name="list_presence",
            method="GET",
            path="/v1/presence",
            summary="The presence of everybody in the domain whom the caller may see; absent means offline",
            handler=list_presence,
            returns=PresencePage,
            errors=(401, 503),
            tag="presence",
        ),
        Operation(
            name="get_presence",
            method="GET",
            path="/v1/presence/{user}",
            summary="One user's presence",
            handler=get_presence,
            returns=Presence,
            errors=(401, 422, 503),
            tag="presence",
        ),
    ]


def _user_of(text: str) -> UserId:
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise Invalid("A user's id is a whole number", field="user")
    return UserId(int(text))
