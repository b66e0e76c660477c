"""The HTTP operations of contacts. `web/` serves and documents them."""

from contacts.service import ContactService
from wire.contacts import ContactsPage, ContactsQuery
from wire.http import DirectoryPage, PageQuery
from wire.operations import Ask, Operation


def operations(service: ContactService) -> list[Operation]:
    async def list_directory(ask: Ask) -> DirectoryPage:
        return await service.directory_page(ask.user, ask.query)

    async def list_contacts(ask: Ask) -> ContactsPage:
        return await service.contacts_page(ask.user, ask.query)

    return [
        Operation(
            name="list_directory",
            method="GET",
            path="/v1/directory",
            summary="Coworkers, page by page, with the revision from which events go on",
            handler=list_directory,
            query=PageQuery,
            returns=DirectoryPage,
            errors=(401, 422, 503),
            tag="contacts",
        ),
        Operation(
            name="list_contacts",
            method="GET",
            path="/v1/contacts",
            summary="Shared and personal contacts, page by page",
            handler=list_contacts,
            query=ContactsQuery,
            returns=ContactsPage,
            errors=(401, 422, 503),
            tag="contacts",
        ),
    ]
