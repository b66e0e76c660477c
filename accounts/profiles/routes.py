"""The HTTP operations of profiles. `web/` serves and documents them."""

from accounts.paths import user_of
from accounts.profiles.errors import ProfileHasChanged
from accounts.profiles.service import ProfileService
from wire.accounts import ProfileConflict, UsersPage, UsersQuery
from wire.http import Profile, ProfileEdit
from wire.operations import Answer, Ask, Operation


def operations(service: ProfileService) -> list[Operation]:
    return [*_own(service), *_others(service)]


def _own(service: ProfileService) -> list[Operation]:
    async def get_profile(ask: Ask) -> Profile:
        return await service.profile(ask.user)

    async def edit_profile(ask: Ask) -> Profile | Answer:
        try:
            return await service.edit(ask.user, ask.body)
        except ProfileHasChanged as changed:
            return _conflict(changed)

    return [
        Operation(
            name="get_profile",
            method="GET",
            path="/v1/profile",
            summary="Read one's own profile",
            handler=get_profile,
            returns=Profile,
            errors=(401, 503),
            tag="accounts",
        ),
        Operation(
            name="edit_profile",
            method="PATCH",
            path="/v1/profile",
            summary="Change what is named of one's own profile",
            handler=edit_profile,
            body=ProfileEdit,
            returns=Profile,
            errors=(401, 403, 422, 503),
            others={409: ProfileConflict},
            body_bytes=16_384,
            tag="accounts",
        ),
    ]


def _others(service: ProfileService) -> list[Operation]:
    return [
        _list_users(service),
        _get_user(service),
        _edit_user(service),
    ]


def _list_users(service: ProfileService) -> Operation:
    async def list_users(ask: Ask) -> UsersPage:
        return await service.users(ask.user, ask.query)

    return Operation(
        name="list_users",
        method="GET",
        path="/v1/users",
        summary="The users whom one manages, searched, filtered and sorted, page by page",
        handler=list_users,
        query=UsersQuery,
        returns=UsersPage,
        errors=(401, 403, 422, 503),
        tag="accounts",
    )


def _get_user(service: ProfileService) -> Operation:
    async def get_user(ask: Ask) -> Profile:
        return await service.profile(ask.user, user_of(ask))

    return Operation(
        name="get_user",
        method="GET",
        path="/v1/users/{user}",
        summary="The profile of somebody whom one manages, with what one may do with each field",
        handler=get_user,
        returns=Profile,
        errors=(401, 404, 422, 503),
        tag="accounts",
    )


def _edit_user(service: ProfileService) -> Operation:
    async def edit_user(ask: Ask) -> Profile | Answer:
        try:
            return await service.edit(ask.user, ask.body, user_of(ask))
        except ProfileHasChanged as changed:
            return _conflict(changed)

    return Operation(
        name="edit_user",
        method="PATCH",
        path="/v1/users/{user}",
        summary="Change what is named of the profile of somebody whom one manages",
        handler=edit_user,
        body=ProfileEdit,
        returns=Profile,
        errors=(401, 403, 404, 422, 503),
        others={409: ProfileConflict},
        body_bytes=16_384,
        tag="accounts",
    )


def _conflict(changed: ProfileHasChanged) -> Answer:
    return Answer(
        ProfileConflict(
            title="Conflict",
            status=409,
            code=changed.code.value,
            detail=changed.message,
            field="rev",
            current=changed.current,
        ),
        status=409,
    )
