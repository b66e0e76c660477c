"""The HTTP operations of domains. `web/` serves and documents them."""

from http import HTTPStatus

from accounts.administration.scopes import PATH
from accounts.domains.service import DomainService
from wire.administration import (
    DomainAdded,
    DomainDeletion,
    DomainEdit,
    DomainList,
    DomainSettings,
    NewDomain,
)
from wire.identity import DomainId
from wire.operations import Access, Answer, Ask, Operation


def operations(service: DomainService) -> list[Operation]:
    return [
        _get_domain(service),
        _edit_domain(service),
        _list_domains(service),
        _add_domain(service),
        _delete_domain(service),
    ]


def _get_domain(service: DomainService) -> Operation:
    async def get_domain(ask: Ask) -> DomainSettings:
        return await service.settings(ask.user)

    return Operation(
        name="get_domain",
        method="GET",
        path="/v1/domain",
        summary="The settings of the company, for who manages it",
        handler=get_domain,
        returns=DomainSettings,
        errors=(401, 403, 503),
        tag="accounts",
    )


def _edit_domain(service: DomainService) -> Operation:
    async def edit_domain(ask: Ask) -> DomainSettings:
        return await service.edit(ask.user, ask.body)

    return Operation(
        name="edit_domain",
        method="PATCH",
        path="/v1/domain",
        summary="Change settings of the company",
        handler=edit_domain,
        body=DomainEdit,
        returns=DomainSettings,
        errors=(401, 403, 409, 422, 503),
        body_bytes=4_096,
        tag="accounts",
    )


def _list_domains(service: DomainService) -> Operation:
    async def list_domains(ask: Ask) -> DomainList:
        return await service.list_all(ask.user)

    return Operation(
        name="list_domains",
        method="GET",
        path=f"{PATH}/domains",
        summary="All companies with their settings",
        handler=list_domains,
        access=Access.ADMINISTRATOR,
        returns=DomainList,
        errors=(401, 403, 503),
        tag="administration",
    )


def _add_domain(service: DomainService) -> Operation:
    async def add_domain(ask: Ask) -> Answer:
        added = await service.add(ask.user, ask.body)
        return Answer(added, status=HTTPStatus.CREATED if added.created else HTTPStatus.OK)

    return Operation(
        name="add_domain",
        method="POST",
        path=f"{PATH}/domains",
        summary="Add a company; 200 if there is one just like that, 409 if it has other settings",
        handler=add_domain,
        access=Access.ADMINISTRATOR,
        body=NewDomain,
        returns=DomainAdded,
        status=201,
        errors=(401, 403, 409, 422, 503),
        others={HTTPStatus.OK: DomainAdded},
        body_bytes=4_096,
        tag="administration",
    )


def _delete_domain(service: DomainService) -> Operation:
    async def delete_domain(ask: Ask) -> DomainDeletion:
        return await service.delete(ask.user, DomainId(ask.path["domain"].lower()))

    return Operation(
        name="delete_domain",
        method="DELETE",
        path=f"{PATH}/domains/{{domain}}",
        summary="Delete a company with everything in it, for good: everybody is out at once, the data goes soon after",
        handler=delete_domain,
        access=Access.ADMINISTRATOR,
        returns=DomainDeletion,
        status=202,
        errors=(401, 403, 404, 503),
        tag="administration",
    )
