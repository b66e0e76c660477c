"""The HTTP operations of lists of people, and of who somebody is. `web/` serves and documents them."""

from contacts.listing import PeopleLists
from wire.contacts import (
    AudioDirectoryPage,
    GroupCounts,
    LookupQuery,
    NumberFound,
    PeoplePage,
    PeopleQuery,
)
from wire.http import DirectoryPage, DirectoryQuery, PageQuery
from wire.operations import Ask, Operation


def operations(lists: PeopleLists) -> list[Operation]:
    return [
        _list_directory(lists),
        _list_audio_directory(lists),
        _list_people(lists),
        _count_groups(lists),
        _look_up_number(lists),
    ]


def _list_directory(lists: PeopleLists) -> Operation:
    async def list_directory(ask: Ask) -> DirectoryPage:
        return await lists.directory_page(ask.user, ask.query)

    return Operation(
        name="list_directory",
        method="GET",
        path="/v1/directory",
        summary="Coworkers, page by page, with the revision from which events go on",
        handler=list_directory,
        query=DirectoryQuery,
        returns=DirectoryPage,
        errors=(401, 422, 503),
        tag="contacts",
    )


def _list_audio_directory(lists: PeopleLists) -> Operation:
    async def list_audio_directory(ask: Ask) -> AudioDirectoryPage:
        return await lists.audio_directory(ask.user, ask.query)

    return Operation(
        name="list_audio_directory",
        method="GET",
        path="/v1/directory/audio",
        summary="Whom callers find by name, with the keys that they type for it",
        handler=list_audio_directory,
        query=PageQuery,
        returns=AudioDirectoryPage,
        errors=(401, 422, 503),
        tag="contacts",
    )


def _list_people(lists: PeopleLists) -> Operation:
    async def list_people(ask: Ask) -> PeoplePage:
        return await lists.people_page(ask.user, ask.query)

    return Operation(
        name="list_people",
        method="GET",
        path="/v1/people",
        summary="Coworkers and contacts of a group, searched and sorted, page by page",
        handler=list_people,
        query=PeopleQuery,
        returns=PeoplePage,
        errors=(401, 422, 503),
        tag="contacts",
    )


def _count_groups(lists: PeopleLists) -> Operation:
    async def count_groups(ask: Ask) -> GroupCounts:
        return await lists.group_counts(ask.user)

    return Operation(
        name="count_groups",
        method="GET",
        path="/v1/people/groups",
        summary="The groups of people, with how many are in each",
        handler=count_groups,
        returns=GroupCounts,
        errors=(401, 503),
        tag="contacts",
    )


def _look_up_number(lists: PeopleLists) -> Operation:
    async def look_up_number(ask: Ask) -> NumberFound:
        return await lists.lookup(ask.user, ask.query.number)

    return Operation(
        name="look_up_number",
        method="GET",
        path="/v1/people/lookup",
        summary="Whose number this is",
        handler=look_up_number,
        query=LookupQuery,
        returns=NumberFound,
        errors=(401, 422, 503),
        tag="contacts",
    )
