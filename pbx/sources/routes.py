"""The HTTP operations on switches for administrators. `web/` serves and documents them."""

import dataclasses

from accounts.administration.scopes import PATH
from pbx.sources.service import SourceService
from wire.administration import NewSource, SourceChanged, SourceEdit, SourceList, TokenWanted
from wire.identity import DomainId, SourceId
from wire.operations import Access, Ask, Operation


def operations(service: SourceService) -> list[Operation]:
    return [
        _list_sources(service),
        _add_source(service),
        _edit_source(service),
        _rotate_source_token(service),
        _settle_source_token(service),
        _let_source_speak(service),
        _forbid_source_to_speak(service),
        _resync_source(service),
    ]


def _of_administrators(operation: Operation) -> Operation:
    return dataclasses.replace(
        operation,
        access=Access.ADMINISTRATOR,
        errors=tuple(sorted({*operation.errors, 401, 403, 503})),
        body_bytes=1_048_576 if operation.body is NewSource else 4_096,
        tag="administration",
    )


def _source_of(ask: Ask) -> SourceId:
    return SourceId(ask.path["source"])


def _list_sources(service: SourceService) -> Operation:
    async def list_sources(ask: Ask) -> SourceList:
        return await service.list_all(ask.user)

    operation = Operation(
        name="list_sources",
        method="GET",
        path=f"{PATH}/sources",
        summary="All switches that may report",
        handler=list_sources,
        returns=SourceList,
    )
    return _of_administrators(operation)


def _add_source(service: SourceService) -> Operation:
    async def add_source(ask: Ask) -> SourceChanged:
        return await service.add(ask.user, ask.body)

    operation = Operation(
        name="add_source",
        method="POST",
        path=f"{PATH}/sources",
        summary="Let a switch report; its token is shown this once, and so one that is there is a conflict",
        handler=add_source,
        body=NewSource,
        returns=SourceChanged,
        status=201,
        errors=(404, 409, 422),
    )
    return _of_administrators(operation)


def _edit_source(service: SourceService) -> Operation:
    async def edit_source(ask: Ask) -> SourceChanged:
        return await service.edit(ask.user, _source_of(ask), ask.body)

    operation = Operation(
        name="edit_source",
        method="PATCH",
        path=f"{PATH}/sources/{{source}}",
        summary="Turn a switch off or on, and say where it takes commands",
        handler=edit_source,
        body=SourceEdit,
        returns=SourceChanged,
        errors=(404, 422),
    )
    return _of_administrators(operation)


def _rotate_source_token(service: SourceService) -> Operation:
    async def rotate_source_token(ask: Ask) -> SourceChanged:
        return await service.rotate(ask.user, _source_of(ask), keep_previous=ask.body.keep_previous)

    operation = Operation(
        name="rotate_source_token",
        method="POST",
        path=f"{PATH}/sources/{{source}}/token",
        summary="A new token for a switch, shown this once; the one before goes on for as long as that is wanted",
        handler=rotate_source_token,
        body=TokenWanted,
        returns=SourceChanged,
        errors=(404, 422),
    )
    return _of_administrators(operation)


def _settle_source_token(service: SourceService) -> Operation:
    async def settle_source_token(ask: Ask) -> None:
        await service.settle(ask.user, _source_of(ask))

    operation = Operation(
        name="settle_source_token",
        method="DELETE",
        path=f"{PATH}/sources/{{source}}/token/previous",
        summary="End the token before, once the switch has changed over; may be repeated",
        handler=settle_source_token,
        errors=(404,),
    )
    return _of_administrators(operation)


def _let_source_speak(service: SourceService) -> Operation:
    async def let_source_speak(ask: Ask) -> None:
        await service.let_speak_for(ask.user, _source_of(ask), DomainId(ask.path["domain"].lower()), True)

    operation = Operation(
        name="let_source_speak",
        method="PUT",
        path=f"{PATH}/sources/{{source}}/domains/{{domain}}",
        summary="Let a switch report of one more company; may be repeated",
        handler=let_source_speak,
        errors=(404,),
    )
    return _of_administrators(operation)


def _forbid_source_to_speak(service: SourceService) -> Operation:
    async def forbid_source_to_speak(ask: Ask) -> None:
        await service.let_speak_for(ask.user, _source_of(ask), DomainId(ask.path["domain"].lower()), False)

    operation = Operation(
        name="forbid_source_to_speak",
        method="DELETE",
        path=f"{PATH}/sources/{{source}}/domains/{{domain}}",
        summary="Take nothing of a company from a switch any more; may be repeated",
        handler=forbid_source_to_speak,
        errors=(404,),
    )
    return _of_administrators(operation)


def _resync_source(service: SourceService) -> Operation:
    async def resync_source(ask: Ask) -> None:
        await service.resync(ask.user, _source_of(ask))

    operation = Operation(
        name="resync_source",
        method="POST",
        path=f"{PATH}/sources/{{source}}/resync",
        summary="Ask a switch for everything it knows, with its next message",
        handler=resync_source,
        errors=(404,),
    )
    return _of_administrators(operation)
