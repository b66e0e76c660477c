"""The HTTP operations of text messages. `web/` serves and documents them."""

from chat.sms.service import SmsService
from chat.sms.signing import HEADER
from wire.http import SmsConversation, SmsConversationRequest, SmsNumbers
from wire.operations import Access, Ask, Operation

_EVENT_BYTES = 65_536


def operations(service: SmsService) -> list[Operation]:
    return [
        _list_sms_numbers(service),
        _open_sms_conversation(service),
        _take_sms_event(service),
    ]


def _list_sms_numbers(service: SmsService) -> Operation:
    async def list_sms_numbers(ask: Ask) -> SmsNumbers:
        return await service.numbers(ask.user)

    return Operation(
        name="list_sms_numbers",
        method="GET",
        path="/v1/sms/numbers",
        summary="The numbers from which one can send text messages",
        handler=list_sms_numbers,
        returns=SmsNumbers,
        errors=(401, 403, 503),
        tag="chat",
    )


def _open_sms_conversation(service: SmsService) -> Operation:
    async def open_sms_conversation(ask: Ask) -> SmsConversation:
        return await service.open(ask.user, ask.body)

    return Operation(
        name="open_sms_conversation",
        method="POST",
        path="/v1/sms/conversations",
        summary="The conversation with an outside number; made if there is none yet",
        handler=open_sms_conversation,
        body=SmsConversationRequest,
        returns=SmsConversation,
        errors=(401, 403, 404, 422, 503),
        body_bytes=4_096,
        tag="chat",
    )


def _take_sms_event(service: SmsService) -> Operation:
    async def take_sms_event(ask: Ask) -> None:
        assert ask.stream is not None
        body = b"".join([chunk async for chunk in ask.stream])
        await service.take_event(body, ask.headers.get(HEADER.lower(), ""))

    return Operation(
        name="take_sms_event",
        method="POST",
        path="/v1/sms/events",
        summary="For the provider of text messages: what came in, and what became of what went out; signed",
        handler=take_sms_event,
        access=Access.PUBLIC,
        errors=(400, 403, 404, 413, 422, 503),
        takes_bytes=_EVENT_BYTES,
        tag="chat",
    )
