"""The HTTP operations of sites. `web/` serves and documents them."""

from accounts.sites.service import SiteService
from wire.accounts import NewSite, SiteEdit, SiteList, SiteSettings
from wire.operations import Ask, Operation


def operations(service: SiteService) -> list[Operation]:
    return [
        _list_sites(service),
        _add_site(service),
        _edit_site(service),
        _delete_site(service),
    ]


def _list_sites(service: SiteService) -> Operation:
    async def list_sites(ask: Ask) -> SiteList:
        return await service.list_all(ask.user)

    return Operation(
        name="list_sites",
        method="GET",
        path="/v1/sites",
        summary="The sites of the domain with their settings, for who manages somebody",
        handler=list_sites,
        returns=SiteList,
        errors=(401, 403, 503),
        tag="accounts",
    )


def _add_site(service: SiteService) -> Operation:
    async def add_site(ask: Ask) -> SiteSettings:
        return await service.add(ask.user, ask.body)

    return Operation(
        name="add_site",
        method="POST",
        path="/v1/sites",
        summary="Add a site",
        handler=add_site,
        body=NewSite,
        returns=SiteSettings,
        status=201,
        errors=(401, 403, 409, 422, 503),
        body_bytes=4_096,
        tag="accounts",
    )


def _edit_site(service: SiteService) -> Operation:
    async def edit_site(ask: Ask) -> SiteSettings:
        return await service.edit(ask.user, ask.path["site"], ask.body)

    return Operation(
        name="edit_site",
        method="PATCH",
        path="/v1/sites/{site}",
        summary="Change what is named of a site, for everybody who follows it",
        handler=edit_site,
        body=SiteEdit,
        returns=SiteSettings,
        errors=(401, 403, 404, 409, 422, 503),
        body_bytes=4_096,
        tag="accounts",
    )


def _delete_site(service: SiteService) -> Operation:
    async def delete_site(ask: Ask) -> None:
        await service.remove(ask.user, ask.path["site"])

    return Operation(
        name="delete_site",
        method="DELETE",
        path="/v1/sites/{site}",
        summary="Delete a site at which nobody is",
        handler=delete_site,
        errors=(401, 403, 404, 409, 503),
        tag="accounts",
    )
