"""Exports: people of any group as a file of contacts, streamed page by page.

The writers are plain iterators; they run in a thread and fetch their next page from here, so that only a page is in
memory, and a client that goes away stops everything.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator

import msgspec

from contacts import groups
from contacts.codecs.csv_writing import widths_of, write_google_csv, write_outlook_csv
from contacts.codecs.model import Format, ImportedContact
from contacts.codecs.vcard_writing import write_vcard
from contacts.editing import fields_of
from contacts.imports.errors import NotYoursToExport
from contacts.imports.planning import uid_of
from contacts.listing import PeopleLists
from wire.contacts import ContactFields, Email, ListedPerson, Number, PeopleQuery
from wire.identity import Caller

MEDIA_TYPES = {Format.VCARD: "text/vcard; charset=utf-8"}
_CSV = "text/csv; charset=utf-8"
_PAGE = 100


def media_type_of(kind: Format) -> str:
    return MEDIA_TYPES.get(kind, _CSV)


def file_name_of(kind: Format) -> str:
    return "contacts.vcf" if kind is Format.VCARD else "contacts.csv"


def exported(person: ListedPerson, domain: str) -> ImportedContact:
    """A contact as it goes into a file; of a coworker what the directory says, with the reader's own overlay."""
    if person.contact is not None:
        uid = uid_of(domain, person.contact.contact)
        return ImportedContact(**msgspec.structs.asdict(fields_of(person.contact)), uid=uid)
    coworker, overlay = person.coworker, person.overlay
    assert coworker is not None
    fields = ContactFields(
        first_name=(overlay and overlay.first_name) or coworker.first_name,
        last_name=(overlay and overlay.last_name) or coworker.last_name,
        department=coworker.department,
        job_title=coworker.job_title,
        numbers=[Number("extension", coworker.extension), *(overlay.numbers if overlay else ())],
        emails=[
            *([Email("work", coworker.email)] if coworker.email else ()),
            *(overlay.emails if overlay else ()),
        ],
        notes=overlay.notes if overlay else "",
    )
    return ImportedContact(**msgspec.structs.asdict(fields))


async def export(lists: PeopleLists, caller: Caller, group: str, kind: Format) -> AsyncIterator[bytes]:
    """The file, piece by piece. Shared contacts are in it for who manages them.

    Raises `NotYoursToExport`, and `Invalid` for a group that there is not, before anything is given.
    """
    if group == groups.SHARED and not lists.may_export_shared(caller):
        raise NotYoursToExport
    source = _People(lists, caller, group)
    await source.first_page()
    pieces = await asyncio.to_thread(_begin, source, kind)

    async def stream() -> AsyncIterator[bytes]:
        while (piece := await asyncio.to_thread(next, pieces, None)) is not None:
            yield piece

    return stream()


def _begin(source: "_People", kind: Format) -> Iterator[bytes]:
    match kind:
        case Format.VCARD:
            return _gathered(write_vcard(source))
        case Format.GOOGLE:
            return write_google_csv(source, widths_of(source, kind))
        case _:
            return write_outlook_csv(source, widths_of(source, Format.OUTLOOK))


def _gathered(pieces: Iterable[bytes]) -> Iterator[bytes]:
    waiting = bytearray()
    for piece in pieces:
        waiting += piece
        if len(waiting) > 65_536:
            yield bytes(waiting)
            waiting.clear()
    if waiting:
        yield bytes(waiting)


class _People:
    """The people of a group, to be iterated in a thread, more than once."""

    def __init__(self, lists: PeopleLists, caller: Caller, group: str) -> None:
        self._lists = lists
        self._caller = caller
        self._group = group
        self._loop = asyncio.get_running_loop()

    async def first_page(self) -> None:
        await self._page(None)

    def __iter__(self) -> Iterator[ImportedContact]:
        after: str | None = None
        while True:
            page, after = asyncio.run_coroutine_threadsafe(self._page(after), self._loop).result()
            for person in page:
                yield exported(person, self._caller.domain)
            if after is None:
                return

    async def _page(self, after: str | None) -> tuple[list[ListedPerson], str | None]:
        page = await self._lists.people_page(
            self._caller,
            PeopleQuery(group=self._group, limit=_PAGE, after=after),
            with_total=False,
            with_shared=self._lists.may_export_shared(self._caller),
        )
        return page.items, page.next
