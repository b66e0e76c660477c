"""The HTTP operations of photos. `web/` serves and documents them."""

from collections.abc import AsyncIterator

from accounts.paths import user_of
from accounts.photos.service import MOST_BYTES, PhotoService
from wire.accounts import PhotoQuery
from wire.http import Profile
from wire.operations import Answer, Ask, Content, Operation

_MEDIA_TYPE = "image/webp"
_HEADERS = {
    # Its address names its revision. The browser's own cache alone: nobody else's may hold a face.
    "Cache-Control": "private, max-age=31536000, immutable",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def operations(service: PhotoService) -> list[Operation]:
    return [
        _get_photo(service),
        _set_photo(service),
        _remove_photo(service),
        _set_user_photo(service),
        _remove_user_photo(service),
    ]


def _get_photo(service: PhotoService) -> Operation:
    async def get_photo(ask: Ask) -> Answer:
        picture = await service.picture(ask.user, user_of(ask), ask.query.rev)
        return Answer(content=Content(_once(picture), _MEDIA_TYPE, len(picture)), headers=_HEADERS)

    return Operation(
        name="get_photo",
        method="GET",
        path="/v1/users/{user}/photo",
        summary="Somebody's photo, for whoever sees that person in the directory",
        handler=get_photo,
        query=PhotoQuery,
        gives=_MEDIA_TYPE,
        errors=(401, 404, 422, 503),
        tag="accounts",
    )


def _set_photo(service: PhotoService) -> Operation:
    async def set_photo(ask: Ask) -> Profile:
        return await service.set(ask.user, _sent(ask))

    return Operation(
        name="set_photo",
        method="PUT",
        path="/v1/profile/photo",
        summary="Show another photo of oneself: a JPEG, PNG, WebP or GIF, of which the middle is taken",
        handler=set_photo,
        takes_bytes=MOST_BYTES,
        returns=Profile,
        errors=(401, 403, 408, 413, 422, 503),
        tag="accounts",
    )


def _remove_photo(service: PhotoService) -> Operation:
    async def remove_photo(ask: Ask) -> Profile:
        return await service.remove(ask.user)

    return Operation(
        name="remove_photo",
        method="DELETE",
        path="/v1/profile/photo",
        summary="Show no photo of oneself",
        handler=remove_photo,
        returns=Profile,
        errors=(401, 403, 503),
        tag="accounts",
    )


def _set_user_photo(service: PhotoService) -> Operation:
    async def set_user_photo(ask: Ask) -> Profile:
        return await service.set(ask.user, _sent(ask), user_of(ask))

    return Operation(
        name="set_user_photo",
        method="PUT",
        path="/v1/users/{user}/photo",
        summary="Show another photo of somebody whom one manages",
        handler=set_user_photo,
        takes_bytes=MOST_BYTES,
        returns=Profile,
        errors=(401, 403, 408, 413, 422, 503),
        tag="accounts",
    )


def _remove_user_photo(service: PhotoService) -> Operation:
    async def remove_user_photo(ask: Ask) -> Profile:
        return await service.remove(ask.user, user_of(ask))

    return Operation(
        name="remove_user_photo",
        method="DELETE",
        path="/v1/users/{user}/photo",
        summary="Show no photo of somebody whom one manages",
        handler=remove_user_photo,
        returns=Profile,
        errors=(401, 403, 422, 503),
        tag="accounts",
    )


def _sent(ask: Ask) -> AsyncIterator[bytes]:
    assert ask.stream is not None
    return ask.stream


async def _once(picture: bytes) -> AsyncIterator[bytes]:
    yield picture
