"""The HTTP operations of contacts. `web/` serves and documents them."""

import msgspec

from contacts import bulk_routes, own_routes, people_routes
from contacts.errors import ContactHasChanged, ContactNotFound
from contacts.listing import PeopleLists
from contacts.model import CONTACT_BYTES
from contacts.service import ContactService
from wire.contacts import (
    ChangesQuery,
    Contact,
    ContactChanges,
    ContactConflict,
    ContactEdit,
    ContactsPage,
    ContactsPosition,
    ContactsQuery,
    NewContact,
    RevisionQuery,
    TrashPage,
)
from wire.operations import Answer, Ask, Operation


def operations(service: ContactService, lists: PeopleLists) -> list[Operation]:
    return [
        *people_routes.operations(lists),
        _list_contacts(lists),
        _add_contact(service),
        _get_contact(service),
        _edit_contact(service),
        _delete_contact(service),
        _list_trash(lists),
        _list_contact_changes(service),
        *bulk_routes.operations(service),
        *own_routes.operations(service),
    ]


def _list_contacts(lists: PeopleLists) -> Operation:
    async def list_contacts(ask: Ask) -> ContactsPage:
        return await lists.contacts_page(ask.user, ask.query)

    return Operation(
        name="list_contacts",
        method="GET",
        path="/v1/contacts",
        summary="Shared and personal contacts, page by page, with the position from which events go on",
        handler=list_contacts,
        query=ContactsQuery,
        returns=ContactsPage,
        errors=(401, 403, 422, 503),
        tag="contacts",
    )


def _add_contact(service: ContactService) -> Operation:
    async def add_contact(ask: Ask) -> Contact:
        return await service.add(ask.user, ask.body)

    return Operation(
        name="add_contact",
        method="POST",
        path="/v1/contacts",
        summary="Add a personal contact, or a shared one",
        handler=add_contact,
        body=NewContact,
        returns=Contact,
        status=201,
        errors=(401, 403, 422, 429, 503),
        body_bytes=CONTACT_BYTES,
        tag="contacts",
    )


def _get_contact(service: ContactService) -> Operation:
    async def get_contact(ask: Ask) -> Contact:
        return await service.contact(ask.user, _contact_of(ask))

    return Operation(
        name="get_contact",
        method="GET",
        path="/v1/contacts/{contact}",
        summary="One contact",
        handler=get_contact,
        returns=Contact,
        errors=(401, 404, 503),
        tag="contacts",
    )


def _edit_contact(service: ContactService) -> Operation:
    async def edit_contact(ask: Ask) -> Contact | Answer:
        try:
            return await service.edit(ask.user, _contact_of(ask), ask.body)
        except ContactHasChanged as changed:
            return _conflict(changed)

    return Operation(
        name="edit_contact",
        method="PATCH",
        path="/v1/contacts/{contact}",
        summary="Change what is named of a contact; if somebody else was faster, the answer has both versions",
        handler=edit_contact,
        body=ContactEdit,
        returns=Contact,
        errors=(401, 403, 404, 422, 503),
        others={409: ContactConflict},
        body_bytes=CONTACT_BYTES,
        tag="contacts",
    )


def _delete_contact(service: ContactService) -> Operation:
    async def delete_contact(ask: Ask) -> Contact | Answer:
        try:
            return await service.delete(ask.user, _contact_of(ask), ask.query.rev)
        except ContactHasChanged as changed:
            return _conflict(changed)

    return Operation(
        name="delete_contact",
        method="DELETE",
        path="/v1/contacts/{contact}",
        summary="Put a contact into the trash, from where it can be brought back for thirty days",
        handler=delete_contact,
        query=RevisionQuery,
        returns=Contact,
        errors=(401, 403, 404, 422, 503),
        others={409: ContactConflict},
        tag="contacts",
    )


def _list_trash(lists: PeopleLists) -> Operation:
    async def list_trash(ask: Ask) -> TrashPage:
        return await lists.trash_page(ask.user, ask.query)

    return Operation(
        name="list_trash",
        method="GET",
        path="/v1/contacts/trash",
        summary="Deleted contacts: one's own, or with `kind=shared` those of everybody",
        handler=list_trash,
        query=ContactsQuery,
        returns=TrashPage,
        errors=(401, 403, 422, 503),
        tag="contacts",
    )


def _list_contact_changes(service: ContactService) -> Operation:
    async def list_changes(ask: Ask) -> ContactChanges:
        since = ContactsPosition(ask.query.shared, ask.query.own)
        return await service.changes(ask.user, since, ask.query.limit)

    return Operation(
        name="list_contact_changes",
        method="GET",
        path="/v1/contacts/changes",
        summary="What has changed of contacts, stars and overlays since a position, for clients that were away",
        handler=list_changes,
        query=ChangesQuery,
        returns=ContactChanges,
        errors=(401, 422, 503),
        tag="contacts",
    )


def _conflict(changed: ContactHasChanged) -> Answer:
    current = changed.current
    if current.deleted_at is not None:
        current = msgspec.structs.replace(current, gone=True)
    body = ContactConflict(
        title="Conflict",
        status=409,
        code=changed.code.value,
        detail=changed.message,
        current=current,
        yours=changed.yours,
    )
    return Answer(body, status=409)


def _contact_of(ask: Ask) -> int:
    text = ask.path["contact"]
    if not text.isascii() or not text.isdigit() or len(text) > 15:
        raise ContactNotFound(0)
    return int(text)
