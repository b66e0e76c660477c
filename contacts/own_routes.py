"""The HTTP operations of stars, and of what somebody writes down about coworkers. `web/` serves and documents them."""

from contacts.errors import OverlayHasChanged
from contacts.model import CONTACT_BYTES
from contacts.service import ContactService
from wire.contacts import (
    Overlay,
    OverlayConflict,
    OverlayEdit,
    OwnThings,
    TargetKind,
)
from wire.errors import Invalid
from wire.identity import UserId
from wire.operations import Answer, Ask, Operation


def operations(service: ContactService) -> list[Operation]:
    return [
        _get_own_things(service),
        _add_favourite(service),
        _remove_favourite(service),
        _get_overlay(service),
        _set_overlay(service),
    ]


def _get_own_things(service: ContactService) -> Operation:
    async def get_own_things(ask: Ask) -> OwnThings:
        return await service.own_things(ask.user)

    return Operation(
        name="get_own_things",
        method="GET",
        path="/v1/contacts/own",
        summary="One's stars, and what one wrote down about coworkers",
        handler=get_own_things,
        returns=OwnThings,
        errors=(401, 503),
        tag="contacts",
    )


def _add_favourite(service: ContactService) -> Operation:
    async def star(ask: Ask) -> None:
        await service.star(ask.user, _kind_of(ask), _number_of(ask, "target"), on=True)

    return Operation(
        name="add_favourite",
        method="PUT",
        path="/v1/favourites/{kind}/{target}",
        summary="Put a star on a coworker or a contact",
        handler=star,
        errors=(401, 403, 404, 422, 429, 503),
        tag="contacts",
    )


def _remove_favourite(service: ContactService) -> Operation:
    async def unstar(ask: Ask) -> None:
        await service.star(ask.user, _kind_of(ask), _number_of(ask, "target"), on=False)

    return Operation(
        name="remove_favourite",
        method="DELETE",
        path="/v1/favourites/{kind}/{target}",
        summary="Take a star off",
        handler=unstar,
        errors=(401, 403, 422, 503),
        tag="contacts",
    )


def _get_overlay(service: ContactService) -> Operation:
    async def get_overlay(ask: Ask) -> Overlay:
        return await service.overlay(ask.user, UserId(_number_of(ask, "user")))

    return Operation(
        name="get_overlay",
        method="GET",
        path="/v1/overlays/{user}",
        summary="What one wrote down about a coworker",
        handler=get_overlay,
        returns=Overlay,
        errors=(401, 404, 422, 503),
        tag="contacts",
    )


def _set_overlay(service: ContactService) -> Operation:
    async def set_overlay(ask: Ask) -> Overlay | Answer:
        try:
            return await service.set_overlay(ask.user, UserId(_number_of(ask, "user")), ask.body)
        except OverlayHasChanged as changed:
            body = OverlayConflict(
                title="Conflict",
                status=409,
                code=changed.code.value,
                detail=changed.message,
                current=changed.current,
                yours=changed.yours,
            )
            return Answer(body, status=409)

    return Operation(
        name="set_overlay",
        method="PUT",
        path="/v1/overlays/{user}",
        summary="Write down names, numbers and notes about a coworker, for oneself alone; an empty one removes it",
        handler=set_overlay,
        body=OverlayEdit,
        returns=Overlay,
        errors=(401, 403, 404, 422, 503),
        others={409: OverlayConflict},
        body_bytes=CONTACT_BYTES,
        tag="contacts",
    )


def _kind_of(ask: Ask) -> TargetKind:
    try:
        return TargetKind(ask.path["kind"])
    except ValueError as error:
        raise Invalid("A star is on a coworker or on a contact", field="kind") from error


def _number_of(ask: Ask, name: str) -> int:
    text = ask.path[name]
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 2**31:
        raise Invalid("This is a whole number", field=name)
    return int(text)
