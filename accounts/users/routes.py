"""The HTTP operations by which users come and go. `web/` serves and documents them."""

from http import HTTPStatus

from accounts.paths import user_of
from accounts.users.service import UserService
from wire.administration import (
    AccountChange,
    AccountState,
    ErasureQuery,
    NewUserAccount,
    UserAdded,
    UserErased,
    UserImportQuery,
    UsersImported,
)
from wire.errors import Invalid
from wire.operations import Answer, Ask, Operation

MOST_FILE_BYTES = 4 * 1_048_576


def operations(service: UserService) -> list[Operation]:
    return [
        _add_user(service),
        _import_users(service),
        _change_account(service),
        _erase_user(service),
    ]


def _add_user(service: UserService) -> Operation:
    async def add_user(ask: Ask) -> Answer:
        added = await service.add(ask.user, ask.body)
        return Answer(added, status=HTTPStatus.CREATED if added.created else HTTPStatus.OK)

    return Operation(
        name="add_user",
        method="POST",
        path="/v1/users",
        summary="Add a user, without password and PIN; 200 if there is one just like that, 409 if it is another one",
        handler=add_user,
        body=NewUserAccount,
        returns=UserAdded,
        status=201,
        errors=(401, 403, 409, 422, 503),
        body_bytes=8_192,
        others={HTTPStatus.OK: UserAdded},
        tag="accounts",
    )


def _import_users(service: UserService) -> Operation:
    async def import_users(ask: Ask) -> Answer:
        dry_run = ask.query.dry_run
        imported = await service.import_file(ask.user, await _text_of(ask), dry_run=dry_run)
        is_refused = imported.refused and not dry_run
        return Answer(imported, status=HTTPStatus.CONFLICT if is_refused else HTTPStatus.OK)

    return Operation(
        name="import_users",
        method="POST",
        path="/v1/users/imports",
        summary="Add the users of a CSV file: all or, with a row that is refused, none (409, with the rows)",
        handler=import_users,
        query=UserImportQuery,
        returns=UsersImported,
        takes_bytes=MOST_FILE_BYTES,
        errors=(401, 403, 408, 413, 422, 503),
        others={HTTPStatus.CONFLICT: UsersImported},
        tag="accounts",
    )


def _change_account(service: UserService) -> Operation:
    async def change_account(ask: Ask) -> AccountState:
        return await service.change(ask.user, user_of(ask), ask.body)

    return Operation(
        name="change_account",
        method="PATCH",
        path="/v1/users/{user}/account",
        summary="Let somebody log in or not, or with another scope; what changes so ends every login of theirs",
        handler=change_account,
        body=AccountChange,
        returns=AccountState,
        errors=(401, 403, 404, 409, 422, 503),
        body_bytes=8_192,
        tag="accounts",
    )


def _erase_user(service: UserService) -> Operation:
    async def erase_user(ask: Ask) -> UserErased:
        return await service.erase(ask.user, user_of(ask), with_messages=ask.query.messages)

    return Operation(
        name="erase_user",
        method="DELETE",
        path="/v1/users/{user}",
        summary="Delete somebody with their data, for good",
        handler=erase_user,
        query=ErasureQuery,
        returns=UserErased,
        errors=(401, 403, 404, 422, 503),
        tag="accounts",
    )


async def _text_of(ask: Ask) -> str:
    """Raises `Invalid`."""
    assert ask.stream is not None
    sent = b"".join([chunk async for chunk in ask.stream])
    try:
        return sent.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Invalid("The file has to be UTF-8", field="file") from error
