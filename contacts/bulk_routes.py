"""The HTTP operations on several contacts at once. `web/` serves and documents them."""

from contacts.service import ContactService
from wire.contacts import (
    BulkDone,
    ContactIds,
    ContactsAt,
    Tagging,
)
from wire.operations import Ask, Operation


def operations(service: ContactService) -> list[Operation]:
    return [
        _delete_contacts(service),
        _restore_contacts(service),
        _tag_contacts(service),
    ]


def _delete_contacts(service: ContactService) -> Operation:
    async def delete_contacts(ask: Ask) -> BulkDone:
        return await service.delete_many(ask.user, ask.body.contacts)

    return Operation(
        name="delete_contacts",
        method="POST",
        path="/v1/contacts/delete",
        summary="Put contacts into the trash, but for those that changed since they were looked at",
        handler=delete_contacts,
        body=ContactsAt,
        returns=BulkDone,
        errors=(401, 403, 422, 503),
        tag="contacts",
    )


def _restore_contacts(service: ContactService) -> Operation:
    async def restore_contacts(ask: Ask) -> BulkDone:
        return await service.restore(ask.user, ask.body.contacts)

    return Operation(
        name="restore_contacts",
        method="POST",
        path="/v1/contacts/restore",
        summary="Bring contacts back from the trash",
        handler=restore_contacts,
        body=ContactIds,
        returns=BulkDone,
        errors=(401, 403, 422, 429, 503),
        tag="contacts",
    )


def _tag_contacts(service: ContactService) -> Operation:
    async def tag_contacts(ask: Ask) -> BulkDone:
        return await service.tag(ask.user, ask.body)

    return Operation(
        name="tag_contacts",
        method="POST",
        path="/v1/contacts/tag",
        summary="Put tags on contacts and take others off",
        handler=tag_contacts,
        body=Tagging,
        returns=BulkDone,
        errors=(401, 403, 422, 503),
        tag="contacts",
    )
