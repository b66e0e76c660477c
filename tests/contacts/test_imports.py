"""Import in three steps on real stores and in a real process: previewed row by row, applied and undone as a whole."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from contacts.codecs.model import Format
from contacts.editing import fields_of
from contacts.errors import BookFull, ContactsBusy, NotYoursToManage
from contacts.imports.errors import ImportNotFound, TooManyImports, WrongMoment
from contacts.imports.exporting import export
from contacts.imports.service import ImportService
from contacts.listing import PeopleLists
from contacts.model import SHARED_BOOK, Doing
from contacts.service import ContactService, now_utc
from storage.postgres.contact_applying import AT_ONCE
from storage.postgres.contact_imports import PostgresImportStore
from storage.postgres.pool import Pool
from storage.redis.bus import RedisBus
from tests.support.books import KnownBooks
from tests.support.company import Company, Listener
from tests.support.contacts import contact_service, import_service, people_lists
from wire.contacts import Address, ContactEdit, ContactsQuery, Email, NewContact, Number
from wire.errors import Invalid, NotAllowed
from wire.events import ContactsChanged, ImportChanged
from wire.identity import Caller, Scope
from wire.imports import (
    Import,
    ImportCorrection,
    ImportCounts,
    ImportRowsQuery,
    ImportStatus,
    NewImport,
    RowOutcome,
)
from wire.limits import LIMITS


@pytest.fixture
async def company(pool: Pool) -> Company:
    return await Company.make(pool)


@pytest.fixture
def service(pool: Pool, bus: RedisBus) -> ContactService:
    return contact_service(pool, bus)


@pytest.fixture
async def imports(pool: Pool, bus: RedisBus) -> AsyncIterator[ImportService]:
    running = import_service(pool, bus)
    yield running
    await running.close()


@pytest.fixture
def lists(pool: Pool) -> PeopleLists:
    return people_lists(pool)


@pytest.fixture
async def manager(company: Company) -> Caller:
    return company.caller(await company.add("1050", scope=Scope.CALL_CENTER_SUPERVISOR))


def card(first: str, last: str = "Lind", *lines: str) -> str:
    return (
        "\r\n".join(["BEGIN:VCARD", "VERSION:3.0", f"N:{last};{first};;;", f"FN:{first} {last}", *lines, "END:VCARD"])
        + "\r\n"
    )


async def pieces(data: bytes, size: int = 1000) -> AsyncIterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


async def uploaded(imports: ImportService, caller: Caller, data: str | bytes, *, shared: bool = True) -> Import:
    """Read to its end."""
    given = data.encode() if isinstance(data, str) else data
    began = await imports.upload(caller, NewImport(name="people.vcf", shared=shared), pieces(given))
    await imports.settled()
    return await imports.find(caller, began.id)


async def applied(imports: ImportService, caller: Caller, import_id: str) -> Import:
    await imports.apply(caller, import_id)
    await imports.settled()
    return await imports.find(caller, import_id)


async def undone(imports: ImportService, caller: Caller, import_id: str) -> Import:
    await imports.undo(caller, import_id)
    await imports.settled()
    return await imports.find(caller, import_id)


async def shared_names(lists: PeopleLists, caller: Caller) -> list[str]:
    page = await lists.contacts_page(caller, ContactsQuery(limit=500))
    items = page.items
    while page.next is not None:
        page = await lists.contacts_page(caller, ContactsQuery(limit=500, after=page.next))
        items += page.items
    return sorted(f"{each.first_name} {each.last_name}" for each in items)


async def test_a_file_is_shown_row_by_row_before_anything_is_imported(
    imports: ImportService, lists: PeopleLists, service: ContactService, manager: Caller
) -> None:
    await service.add(
        manager, NewContact(first_name="Emre", last_name="Y", shared=True, emails=[Email("", "e@a.example")])
    )
    file = (
        card("Nora")
        + card("Emre", "Y", "EMAIL:e@a.example", "TEL;TYPE=WORK:+1 212 555 0100")
        + card("Emre", "Y", "EMAIL:e@a.example")
        + card("Nora")
        + "BEGIN:VCARD\r\nVERSION:3.0\r\nEND:VCARD\r\n"
    )
    shown = await uploaded(imports, manager, file)
    assert (shown.status, shown.format, shown.progress) == (ImportStatus.READY, "vcard", 1)
    assert shown.counts == ImportCounts(create=1, update=1, duplicate=2, refused=1)
    rows = (await imports.rows_page(manager, shown.id, ImportRowsQuery())).items
    assert [each.outcome for each in rows] == [
        RowOutcome.CREATE,
        RowOutcome.UPDATE,
        RowOutcome.DUPLICATE,
        RowOutcome.DUPLICATE,
        RowOutcome.REFUSED,
    ]
    assert [each.field for each in rows[1].changes] == ["numbers"]
    assert rows[3].same_as_row == 1
    assert rows[4].problems
    first = await imports.rows_page(manager, shown.id, ImportRowsQuery(outcome="duplicate", limit=1))
    second = await imports.rows_page(manager, shown.id, ImportRowsQuery(outcome="duplicate", limit=1, after=first.next))
    assert [first.items[0].row, second.items[0].row, second.next] == [3, 4, None]
    assert await shared_names(lists, manager) == ["Emre Y"], "nothing has been imported yet"


async def test_an_import_is_applied_with_one_announcement_and_undone_as_a_whole(
    imports: ImportService,
    lists: PeopleLists,
    service: ContactService,
    company: Company,
    manager: Caller,
    bus: RedisBus,
) -> None:
    emre = await service.add(
        manager, NewContact(first_name="Emre", last_name="Y", shared=True, emails=[Email("", "e@a.example")])
    )
    before = await KnownBooks.read(service, lists, manager)
    file = "".join(card(f"N{number}") for number in range(300)) + card("Emre", "Y", "EMAIL:e@a.example", "ORG:Alder")
    shown = await uploaded(imports, manager, file)
    listener = await Listener.on(bus, company.domain)
    done = await applied(imports, manager, shown.id)
    assert (done.status, done.counts) == (ImportStatus.APPLIED, ImportCounts(create=300, update=1))
    heard = [each.event for each in await listener.everything(bus, company.domain)]
    assert [type(each) for each in heard[-2:]] == [ContactsChanged, ImportChanged]
    assert {type(each) for each in heard[:-2]} == {ImportChanged}
    for each in heard:
        if isinstance(each, ContactsChanged):
            before.apply(each)
    assert before.has_missed, "what is too much to be told is asked for"
    await before.catch_up(service)
    assert before == await KnownBooks.read(service, lists, manager)
    assert len(before.contacts) == 301
    assert (await service.contact(manager, emre.contact)).company == "Alder"

    back = await undone(imports, manager, shown.id)
    assert back.status is ImportStatus.UNDONE
    assert await shared_names(lists, manager) == ["Emre Y"]
    assert fields_of(await service.contact(manager, emre.contact)) == fields_of(emre)
    with pytest.raises(WrongMoment):
        await imports.undo(manager, shown.id)
    with pytest.raises(WrongMoment):
        await imports.apply(manager, shown.id)


async def test_what_somebody_edits_between_preview_and_import_is_left_as_it_is(
    imports: ImportService, service: ContactService, lists: PeopleLists, manager: Caller
) -> None:
    emre = await service.add(
        manager, NewContact(first_name="Emre", last_name="Y", shared=True, emails=[Email("", "e@a.example")])
    )
    gone = await service.add(
        manager, NewContact(first_name="Gone", last_name="Y", shared=True, emails=[Email("", "g@a.example")])
    )
    file = (
        card("Emre", "Y", "EMAIL:e@a.example", "ORG:Alder")
        + card("Gone", "Y", "EMAIL:g@a.example", "ORG:Alder")
        + card("Nora")
        + card("Olga")
    )
    shown = await uploaded(imports, manager, file)
    edited = await service.edit(manager, emre.contact, ContactEdit(rev=emre.rev, company="Birch"))
    await service.delete(manager, gone.contact, gone.rev)
    await service.add(manager, NewContact(first_name="Nora", last_name="Lind", shared=True))
    done = await applied(imports, manager, shown.id)
    assert done.counts == ImportCounts(create=1, left=3)
    left = await imports.rows_page(manager, shown.id, ImportRowsQuery(outcome="left"))
    assert [each.row for each in left.items] == [1, 2, 3]
    assert await service.contact(manager, emre.contact) == edited
    assert await shared_names(lists, manager) == ["Emre Y", "Nora Lind", "Olga Lind"]


async def test_what_somebody_edits_after_an_import_stays_when_it_is_undone(
    imports: ImportService, service: ContactService, lists: PeopleLists, manager: Caller
) -> None:
    shown = await uploaded(imports, manager, card("Nora") + card("Olga"))
    await applied(imports, manager, shown.id)
    nora = next(
        each for each in (await lists.contacts_page(manager, ContactsQuery())).items if each.first_name == "Nora"
    )
    await service.edit(manager, nora.contact, ContactEdit(rev=nora.rev, company="Birch"))
    back = await undone(imports, manager, shown.id)
    assert back.counts.left == 1
    assert await shared_names(lists, manager) == ["Nora Lind"]


async def test_importing_while_others_edit_loses_nothing(
    imports: ImportService, service: ContactService, lists: PeopleLists, manager: Caller
) -> None:
    made = [
        await service.add(
            manager,
            NewContact(first_name=f"P{number}", last_name="Y", shared=True, emails=[Email("", f"p{number}@a.example")]),
        )
        for number in range(20)
    ]
    file = "".join(card(f"P{number}", "Y", f"EMAIL:p{number}@a.example", "ORG:Imported") for number in range(20))
    shown = await uploaded(imports, manager, file)
    await imports.apply(manager, shown.id)
    edits = await asyncio.gather(
        *(service.edit(manager, each.contact, ContactEdit(rev=each.rev, job_title="Edited")) for each in made),
        return_exceptions=True,
    )
    await imports.settled()
    done = await imports.find(manager, shown.id)
    accepted = [not isinstance(each, BaseException) for each in edits]
    for contact, was_accepted in zip(made, accepted, strict=True):
        now = await service.contact(manager, contact.contact)
        assert (now.job_title == "Edited") == was_accepted, "what was accepted is there"
    assert done.counts.update + done.counts.left == 20
    assert done.counts.left == sum(accepted), "and who was too late was told"


async def test_while_an_import_is_under_way_others_add_and_edit_and_nothing_comes_twice(
    imports: ImportService, service: ContactService, lists: PeopleLists, manager: Caller, pool: Pool
) -> None:
    olga = await service.add(manager, NewContact(first_name="Olga", last_name="Y", shared=True))
    known = await KnownBooks.read(service, lists, manager)
    shown = await uploaded(imports, manager, card("Nora") + "".join(card(f"N{number}") for number in range(AT_ONCE)))
    calls: list[int] = []

    async def meanwhile(rows: int) -> None:
        calls.append(rows)
        if len(calls) == 1:
            await service.add(manager, NewContact(first_name="Nora", last_name="Lind", company="Birch", shared=True))
            await service.edit(manager, olga.contact, ContactEdit(rev=olga.rev, company="Birch"))
            await known.catch_up(service)
            assert len(known.contacts) == 2, "nothing of an import is seen before all of it is"

    store = PostgresImportStore(pool)
    doing = Doing.by(manager, SHARED_BOOK, now_utc())
    done = await store.apply(manager.domain, shown.id, doing, LIMITS.shared_contacts, meanwhile)
    assert done is not None
    assert calls == [AT_ONCE, AT_ONCE + 1]
    assert done.shown.counts == ImportCounts(create=AT_ONCE, left=1)
    names = await shared_names(lists, manager)
    assert (names.count("Nora Lind"), len(names)) == (1, AT_ONCE + 2)
    await known.catch_up(service)
    assert known == await KnownBooks.read(service, lists, manager)
    sizes = {each.group: each.people for each in (await lists.group_counts(manager)).groups}
    assert sizes["shared"] == AT_ONCE + 2
    assert (await undone(imports, manager, shown.id)).counts == ImportCounts(create=AT_ONCE, left=1)
    assert await shared_names(lists, manager) == ["Nora Lind", "Olga Y"]


async def test_who_edits_what_is_being_imported_is_told_so_at_once(
    imports: ImportService, service: ContactService, manager: Caller, pool: Pool
) -> None:
    emre, olga = [
        await service.add(manager, NewContact(first_name=name, last_name="Y", shared=True, emails=[Email("", "e@a.b")]))
        for name in ("Emre", "Olga")
    ]
    shown = await uploaded(imports, manager, card("Emre", "Y", "EMAIL:e@a.b", "ORG:Alder"))

    async def meanwhile(_rows: int) -> None:
        with pytest.raises(ContactsBusy):
            await service.edit(manager, emre.contact, ContactEdit(rev=emre.rev, company="Birch"))
        with pytest.raises(ContactsBusy):
            await service.delete(manager, emre.contact, emre.rev)
        await service.edit(manager, olga.contact, ContactEdit(rev=olga.rev, company="Birch"))

    store = PostgresImportStore(pool)
    doing = Doing.by(manager, SHARED_BOOK, now_utc())
    done = await store.apply(manager.domain, shown.id, doing, LIMITS.shared_contacts, meanwhile)
    assert done is not None
    assert done.shown.counts == ImportCounts(update=1)
    assert (await service.contact(manager, emre.contact)).company == "Alder"
    assert (await service.contact(manager, olga.contact)).company == "Birch"


@pytest.mark.parametrize("times", [1, 100])
async def test_an_import_that_is_overtaken_begins_again_and_gives_up_in_the_end(
    imports: ImportService, service: ContactService, lists: PeopleLists, manager: Caller, pool: Pool, times: int
) -> None:
    await service.add(manager, NewContact(first_name="Olga", last_name="Y", shared=True))
    known = await KnownBooks.read(service, lists, manager)
    shown = await uploaded(imports, manager, card("Nora"))
    left = times

    async def meanwhile(_rows: int) -> None:
        nonlocal left
        if left:
            left -= 1
            await pool.execute("UPDATE contact_books SET rev = rev + 5000 WHERE domain_id = $1", manager.domain)

    store = PostgresImportStore(pool)
    doing = Doing.by(manager, SHARED_BOOK, now_utc())
    work = store.apply(manager.domain, shown.id, doing, LIMITS.shared_contacts, meanwhile)
    if times == 1:
        assert await work is not None
        await known.catch_up(service)
        assert known == await KnownBooks.read(service, lists, manager)
        assert await shared_names(lists, manager) == ["Nora Lind", "Olga Y"]
    else:
        with pytest.raises(ContactsBusy):
            await work
        assert await shared_names(lists, manager) == ["Olga Y"]
        assert (await applied(imports, manager, shown.id)).counts == ImportCounts(create=1)


async def test_a_book_that_others_have_filled_meanwhile_takes_nothing_of_an_import(
    imports: ImportService, service: ContactService, lists: PeopleLists, manager: Caller, pool: Pool
) -> None:
    shown = await uploaded(imports, manager, card("Nora") + card("Emre"))

    async def meanwhile(_rows: int) -> None:
        await service.add(manager, NewContact(first_name="Olga", last_name="Y", shared=True))

    with pytest.raises(BookFull):
        await PostgresImportStore(pool).apply(
            manager.domain, shown.id, Doing.by(manager, SHARED_BOOK, now_utc()), 2, meanwhile
        )
    assert await shared_names(lists, manager) == ["Olga Y"]


async def test_an_import_tells_how_many_rows_are_done(
    imports: ImportService, manager: Caller, company: Company, bus: RedisBus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("contacts.imports.service.TELL_EVERY", 0)
    shown = await uploaded(imports, manager, "".join(card(f"N{number}") for number in range(2 * AT_ONCE)))
    listener = await Listener.on(bus, company.domain)
    await applied(imports, manager, shown.id)
    await undone(imports, manager, shown.id)
    heard = [each.event for each in await listener.everything(bus, company.domain)]
    told = [(each.change.status, each.change.progress) for each in heard if isinstance(each, ImportChanged)]
    assert told == [
        (ImportStatus.APPLYING, 0),
        (ImportStatus.APPLYING, 0.5),
        (ImportStatus.APPLYING, 0.99),
        (ImportStatus.APPLIED, 1),
        (ImportStatus.UNDOING, 0),
        (ImportStatus.UNDOING, 0.5),
        (ImportStatus.UNDOING, 0.99),
        (ImportStatus.UNDONE, 1),
    ]


async def test_a_file_that_was_recognised_wrongly_is_read_again(imports: ImportService, manager: Caller) -> None:
    greek = card("\u039d\u03af\u03ba\u03b7", "\u03a0").encode("iso-8859-7")
    shown = await uploaded(imports, manager, greek)
    assert not shown.encoding_is_sure
    await imports.correct(manager, shown.id, ImportCorrection(encoding="iso-8859-7"))
    await imports.settled()
    again = await imports.find(manager, shown.id)
    assert (again.status, again.encoding) == (ImportStatus.READY, "iso8859-7")
    [row] = (await imports.rows_page(manager, shown.id, ImportRowsQuery())).items
    assert row.contact is not None
    assert row.contact.first_name == "Νίκη"


@pytest.mark.parametrize("data", [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"\0" * 2000, b"%PDF-1.7 nothing"])
async def test_what_is_no_file_of_contacts_is_told_so(imports: ImportService, manager: Caller, data: bytes) -> None:
    shown = await uploaded(imports, manager, data)
    assert shown.status is ImportStatus.FAILED
    assert shown.problem


async def test_an_empty_upload_leaves_nothing_behind(imports: ImportService, manager: Caller, pool: Pool) -> None:
    with pytest.raises(Invalid):
        await imports.upload(manager, NewImport(), pieces(b""))
    assert await pool.fetchval("SELECT count(*) FROM contact_imports WHERE domain_id = $1", manager.domain) == 0


async def test_an_upload_that_breaks_off_leaves_nothing_behind(
    imports: ImportService, manager: Caller, pool: Pool
) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b"BEGIN:VCARD"
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await imports.upload(manager, NewImport(), broken())
    assert await pool.fetchval("SELECT count(*) FROM contact_imports WHERE domain_id = $1", manager.domain) == 0


async def test_imports_are_their_users_alone_and_need_the_right_of_the_book(
    imports: ImportService, company: Company, manager: Caller
) -> None:
    shown = await uploaded(imports, manager, card("Nora"))
    other = company.caller(await company.add("1051", scope=Scope.SUPER_USER))
    for ask in (
        imports.find(other, shown.id),
        imports.rows_page(other, shown.id, ImportRowsQuery()),
        imports.apply(other, shown.id),
        imports.undo(other, shown.id),
        imports.discard(other, shown.id),
        imports.correct(other, shown.id, ImportCorrection()),
    ):
        with pytest.raises(ImportNotFound):
            await ask
    basic = company.caller(await company.add("1001"))
    with pytest.raises(NotYoursToManage):
        await imports.upload(basic, NewImport(shared=True), pieces(b"x"))
    own = await uploaded(imports, basic, card("Own"), shared=False)
    assert (await applied(imports, basic, own.id)).counts.create == 1


async def test_only_so_many_imports_are_open_at_a_time(imports: ImportService, manager: Caller) -> None:
    shown = [await uploaded(imports, manager, card("Nora")) for _ in range(LIMITS.open_imports)]
    with pytest.raises(TooManyImports):
        await uploaded(imports, manager, card("Nora"))
    await imports.discard(manager, shown[0].id)
    await uploaded(imports, manager, card("Nora"))


async def test_exporting_and_importing_again_changes_nothing(
    imports: ImportService, service: ContactService, lists: PeopleLists, manager: Caller, kind: Format
) -> None:
    await service.add(
        manager,
        NewContact(
            first_name="Béatrice",
            middle_name="Anne",
            last_name='Moreau; the "2nd", \\ yes',
            company="Alder, Hotels; Ltd",
            department="Front Office",
            job_title="Réception",
            numbers=[Number("work", "+1 212 555 0102"), Number("work", "x117"), Number("ISDN ☎", "(212) 555-0103")],
            emails=[Email("work", "b@alder.example"), Email("private", "b2@alder.example")],
            addresses=[Address("work", "1 Rue\nBâtiment B", "Lyon", "Rhône", "69001", "France")],
            notes="=two\n\nlines, and: a \\n",
            tags=["customer", "a, b", "=x"],
            shared=True,
        ),
    )
    await service.add(manager, NewContact(first_name="=cmd()", last_name="+1 212", shared=True))
    before = await KnownBooks.read(service, lists, manager)
    stream = await export(lists, manager, "shared", kind)
    file = b"".join([piece async for piece in stream])
    shown = await uploaded(imports, manager, file)
    assert shown.counts == ImportCounts(duplicate=2)
    await applied(imports, manager, shown.id)
    assert await KnownBooks.read(service, lists, manager) == before


@pytest.fixture(params=[Format.VCARD, Format.GOOGLE, Format.OUTLOOK])
def kind(request: pytest.FixtureRequest) -> Format:
    return Format(request.param)


async def test_any_group_can_be_exported_page_by_page(
    lists: PeopleLists, service: ContactService, company: Company, manager: Caller
) -> None:
    for number in range(120):
        await company.add(str(2000 + number), first_name=f"Coworker {number}")
    await service.add(manager, NewContact(first_name="Mine"))
    stream = await export(lists, manager, "all", Format.VCARD)
    file = b"".join([piece async for piece in stream])
    assert file.count(b"BEGIN:VCARD") == 121
    with pytest.raises(Invalid):
        await export(lists, manager, "nobody", Format.VCARD)


async def test_shared_contacts_are_exported_by_who_manages_them_and_left_out_for_others(
    lists: PeopleLists, service: ContactService, company: Company, manager: Caller
) -> None:
    reader = company.caller(await company.add("1777"))
    await service.add(manager, NewContact(first_name="Public", last_name="Person", shared=True))
    await service.add(reader, NewContact(first_name="Mine"))
    with pytest.raises(NotAllowed):
        await export(lists, reader, "shared", Format.VCARD)
    for caller, has_it in ((reader, False), (manager, True)):
        file = b"".join([piece async for piece in await export(lists, caller, "all", Format.VCARD)])
        assert (b"Public" in file) is has_it
