"""The HTTP operations of push. `web/` serves and documents them."""

from chat.push.service import PushService
from wire.http import PushKey, PushSubscription, PushSubscriptionQuery
from wire.operations import Ask, Operation

_PATH = "/v1/push/subscription"


def operations(service: PushService) -> list[Operation]:
    return [
        _get_push_key(service),
        _subscribe_to_push(service),
        _unsubscribe_from_push(service),
    ]


def _get_push_key(service: PushService) -> Operation:
    async def get_push_key(_ask: Ask) -> PushKey:
        return await service.key()

    return Operation(
        name="get_push_key",
        method="GET",
        path="/v1/push/key",
        summary="The key with which a browser subscribes to web push",
        handler=get_push_key,
        returns=PushKey,
        errors=(401, 503),
        tag="chat",
    )


def _subscribe_to_push(service: PushService) -> Operation:
    async def subscribe_to_push(ask: Ask) -> None:
        await service.subscribe(ask.user, ask.body)

    return Operation(
        name="subscribe_to_push",
        method="PUT",
        path=_PATH,
        summary="Let a browser be told of messages, for as long as this login lasts",
        handler=subscribe_to_push,
        body=PushSubscription,
        errors=(401, 403, 422, 503),
        body_bytes=4_096,
        tag="chat",
    )


def _unsubscribe_from_push(service: PushService) -> Operation:
    async def unsubscribe_from_push(ask: Ask) -> None:
        query: PushSubscriptionQuery = ask.query
        await service.unsubscribe(ask.user, query.endpoint)

    return Operation(
        name="unsubscribe_from_push",
        method="DELETE",
        path=_PATH,
        summary="Do not let a browser be told any more",
        handler=unsubscribe_from_push,
        query=PushSubscriptionQuery,
        errors=(401, 403, 422, 503),
        tag="chat",
    )
