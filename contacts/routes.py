"""The HTTP operations of contacts. `web/` serves and documents them."""

import msgspec

from contacts.errors import ContactHasChanged, ContactNotFound, OverlayHasChanged
from contacts.listing import PeopleLists
from contacts.service import ContactService
from wire.contacts import (
    AudioDirectoryPage,
    BulkDone,
    ChangesQuery,
    Contact,
    ContactChanges,
    ContactConflict,
    ContactEdit,
    ContactIds,
    ContactsAt,
    ContactsPage,
    ContactsPosition,
    ContactsQuery,
    GroupCounts,
    LookupQuery,
    NewContact,
    NumberFound,
    Overlay,
    OverlayConflict,
    OverlayEdit,
    OwnThings,
    PeoplePage,
    PeopleQuery,
    RevisionQuery,
    Tagging,
    TargetKind,
    TrashPage,
)
from wire.errors import Invalid
from wire.http import DirectoryPage, DirectoryQuery, PageQuery
from wire.identity import UserId
from wire.operations import Answer, Ask, Operation

CONTACT_BYTES = 262_144
"""A contact at all its limits, in a script that JSON writes with six letters for one."""


def operations(service: ContactService, lists: PeopleLists) -> list[Operation]:
    return [*_lists(lists), *_contacts(service, lists), *_bulk(service), *_own(service)]


def _lists(lists: PeopleLists) -> list[Operation]:
    async def list_directory(ask: Ask) -> DirectoryPage:
        return await lists.directory_page(ask.user, ask.query)

    async def list_audio_directory(ask: Ask) -> AudioDirectoryPage:
        return await lists.audio_directory(ask.user, ask.query)

    async def list_people(ask: Ask) -> PeoplePage:
        return await lists.people_page(ask.user, ask.query)

    async def count_groups(ask: Ask) -> GroupCounts:
        return await lists.group_counts(ask.user)

    async def look_up_number(ask: Ask) -> NumberFound:
        return await lists.lookup(ask.user, ask.query.number)

    return [
        Operation(
            name="list_directory",
            method="GET",
            path="/v1/directory",
            summary="Coworkers, page by page, with the revision from which events go on",
            handler=list_directory,
            query=DirectoryQuery,
            returns=DirectoryPage,
            errors=(401, 422, 503),
            tag="contacts",
        ),
        Operation(
            name="list_audio_directory",
            method="GET",
            path="/v1/directory/audio",
            summary="Whom callers find by name, with the keys that they type for it",
            handler=list_audio_directory,
            query=PageQuery,
            returns=AudioDirectoryPage,
            errors=(401, 422, 503),
            tag="contacts",
        ),
        Operation(
            name="list_people",
            method="GET",
            path="/v1/people",
            summary="Coworkers and contacts of a group, searched and sorted, page by page",
            handler=list_people,
            query=PeopleQuery,
            returns=PeoplePage,
            errors=(401, 422, 503),
            tag="contacts",
        ),
        Operation(
            name="count_groups",
            method="GET",
            path="/v1/people/groups",
            summary="The groups of people, with how many are in each",
            handler=count_groups,
            returns=GroupCounts,
            errors=(401, 503),
            tag="contacts",
        ),
        Operation(
            name="look_up_number",
            method="GET",
            path="/v1/people/lookup",
            summary="Whose number this is",
            handler=look_up_number,
            query=LookupQuery,
            returns=NumberFound,
            errors=(401, 422, 503),
            tag="contacts",
        ),
    ]


def _contacts(service: ContactService, lists: PeopleLists) -> list[Operation]:
    async def list_contacts(ask: Ask) -> ContactsPage:
        return await lists.contacts_page(ask.user, ask.query)

    async def add_contact(ask: Ask) -> Contact:
        return await service.add(ask.user, ask.body)

    async def get_contact(ask: Ask) -> Contact:
        return await service.contact(ask.user, _contact_of(ask))

    async def edit_contact(ask: Ask) -> Contact | Answer:
        try:
            return await service.edit(ask.user, _contact_of(ask), ask.body)
        except ContactHasChanged as changed:
            return _conflict(changed)

    async def delete_contact(ask: Ask) -> Contact | Answer:
        try:
            return await service.delete(ask.user, _contact_of(ask), ask.query.rev)
        except ContactHasChanged as changed:
            return _conflict(changed)

    async def list_trash(ask: Ask) -> TrashPage:
        return await lists.trash_page(ask.user, ask.query)

    async def list_changes(ask: Ask) -> ContactChanges:
        since = ContactsPosition(ask.query.shared, ask.query.own)
        return await service.changes(ask.user, since, ask.query.limit)

    return [
        Operation(
            name="list_contacts",
            method="GET",
            path="/v1/contacts",
            summary="Shared and personal contacts, page by page, with the position from which events go on",
            handler=list_contacts,
            query=ContactsQuery,
            returns=ContactsPage,
            errors=(401, 403, 422, 503),
            tag="contacts",
        ),
        Operation(
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
        ),
        Operation(
            name="get_contact",
            method="GET",
            path="/v1/contacts/{contact}",
            summary="One contact",
            handler=get_contact,
            returns=Contact,
            errors=(401, 404, 503),
            tag="contacts",
        ),
        Operation(
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
        ),
        Operation(
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
        ),
        Operation(
            name="list_trash",
            method="GET",
            path="/v1/contacts/trash",
            summary="Deleted contacts: one's own, or with `kind=shared` those of everybody",
            handler=list_trash,
            query=ContactsQuery,
            returns=TrashPage,
            errors=(401, 403, 422, 503),
            tag="contacts",
        ),
        Operation(
            name="list_contact_changes",
            method="GET",
            path="/v1/contacts/changes",
            summary="What has changed of contacts, stars and overlays since a position, for clients that were away",
            handler=list_changes,
            query=ChangesQuery,
            returns=ContactChanges,
            errors=(401, 422, 503),
            tag="contacts",
        ),
    ]


def _bulk(service: ContactService) -> list[Operation]:
    async def delete_contacts(ask: Ask) -> BulkDone:
        return await service.delete_many(ask.user, ask.body.contacts)

    async def restore_contacts(ask: Ask) -> BulkDone:
        return await service.restore(ask.user, ask.body.contacts)

    async def tag_contacts(ask: Ask) -> BulkDone:
        return await service.tag(ask.user, ask.body)

    return [
        Operation(
            name="delete_contacts",
            method="POST",
            path="/v1/contacts/delete",
            summary="Put contacts into the trash, but for those that changed since they were looked at",
            handler=delete_contacts,
            body=ContactsAt,
            returns=BulkDone,
            errors=(401, 403, 422, 503),
            tag="contacts",
        ),
        Operation(
            name="restore_contacts",
            method="POST",
            path="/v1/contacts/restore",
            summary="Bring contacts back from the trash",
            handler=restore_contacts,
            body=ContactIds,
            returns=BulkDone,
            errors=(401, 403, 422, 429, 503),
            tag="contacts",
        ),
        Operation(
            name="tag_contacts",
            method="POST",
            path="/v1/contacts/tag",
            summary="Put tags on contacts and take others off",
            handler=tag_contacts,
            body=Tagging,
            returns=BulkDone,
            errors=(401, 403, 422, 503),
            tag="contacts",
        ),
    ]


def _own(service: ContactService) -> list[Operation]:
    async def get_own_things(ask: Ask) -> OwnThings:
        return await service.own_things(ask.user)

    async def star(ask: Ask) -> None:
        await service.star(ask.user, _kind_of(ask), _number_of(ask, "target"), on=True)

    async def unstar(ask: Ask) -> None:
        await service.star(ask.user, _kind_of(ask), _number_of(ask, "target"), on=False)

    async def get_overlay(ask: Ask) -> Overlay:
        return await service.overlay(ask.user, UserId(_number_of(ask, "user")))

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

    return [
        Operation(
            name="get_own_things",
            method="GET",
            path="/v1/contacts/own",
            summary="One's stars, and what one wrote down about coworkers",
            handler=get_own_things,
            returns=OwnThings,
            errors=(401, 503),
            tag="contacts",
        ),
        Operation(
            name="add_favourite",
            method="PUT",
            path="/v1/favourites/{kind}/{target}",
            summary="Put a star on a coworker or a contact",
            handler=star,
            errors=(401, 403, 404, 422, 429, 503),
            tag="contacts",
        ),
        Operation(
            name="remove_favourite",
            method="DELETE",
            path="/v1/favourites/{kind}/{target}",
            summary="Take a star off",
            handler=unstar,
            errors=(401, 403, 422, 503),
            tag="contacts",
        ),
        Operation(
            name="get_overlay",
            method="GET",
            path="/v1/overlays/{user}",
            summary="What one wrote down about a coworker",
            handler=get_overlay,
            returns=Overlay,
            errors=(401, 404, 422, 503),
            tag="contacts",
        ),
        Operation(
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
        ),
    ]


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
