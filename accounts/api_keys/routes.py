"""The HTTP operations of keys. `web/` serves and documents them."""

from accounts.api_keys.model import KeyId
from accounts.api_keys.service import ApiKeyService
from accounts.paths import id_of
from wire.operations import Ask, Operation
from wire.security import ApiKeyMade, ApiKeys, NewApiKey


def operations(service: ApiKeyService) -> list[Operation]:
    return [
        _list_api_keys(service),
        _make_api_key(service),
        _revoke_api_key(service),
    ]


def _list_api_keys(service: ApiKeyService) -> Operation:
    async def list_api_keys(ask: Ask) -> ApiKeys:
        return await service.list_all(ask.user)

    return Operation(
        name="list_api_keys",
        method="GET",
        path="/v1/api-keys",
        summary="The keys of the domain, for who manages them",
        handler=list_api_keys,
        returns=ApiKeys,
        errors=(401, 403, 503),
        tag="accounts",
    )


def _make_api_key(service: ApiKeyService) -> Operation:
    async def make_api_key(ask: Ask) -> ApiKeyMade:
        return await service.make(ask.user, ask.body)

    return Operation(
        name="make_api_key",
        method="POST",
        path="/v1/api-keys",
        summary="Make a key that acts as oneself, within its scopes; its token is shown this once",
        handler=make_api_key,
        body=NewApiKey,
        returns=ApiKeyMade,
        status=201,
        errors=(401, 403, 409, 422, 429, 503),
        body_bytes=4_096,
        tag="accounts",
    )


def _revoke_api_key(service: ApiKeyService) -> Operation:
    async def revoke_api_key(ask: Ask) -> None:
        await service.revoke(ask.user, KeyId(id_of(ask, "key")))

    return Operation(
        name="revoke_api_key",
        method="DELETE",
        path="/v1/api-keys/{key}",
        summary="End a key and close its connections",
        handler=revoke_api_key,
        errors=(401, 403, 404, 422, 503),
        tag="accounts",
    )
