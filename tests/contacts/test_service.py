"""Contacts are changed by those who may, nobody's work is lost unseen, and everybody's clients end up the same."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from contacts.errors import BookFull, ContactHasChanged, ContactNotFound, NotYoursToManage, OverlayHasChanged
from contacts.listing import PeopleLists
from contacts.service import TOLD_AT_MOST, TRASH_DAYS, ContactService
from storage.postgres.pool import Pool
from storage.redis.bus import RedisBus
from tests.support.books import KnownBooks
from tests.support.company import Company, Listener
from tests.support.contacts import contact_service, people_lists
from wire.contacts import (
    BulkDone,
    Contact,
    ContactAt,
    ContactEdit,
    ContactsPosition,
    ContactsQuery,
    Email,
    NewContact,
    Number,
    OverlayEdit,
    Tagging,
    TargetKind,
)
from wire.errors import Invalid, NotFound
from wire.events import ContactsChanged
from wire.identity import Caller, Scope, UserId

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
SUPERVISOR = Scope.CALL_CENTER_SUPERVISOR


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
async def company(pool: Pool) -> Company:
    return await Company.make(pool, sites=["North", "South"])


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def service(pool: Pool, bus: RedisBus, clock: Clock) -> ContactService:
    return contact_service(pool, bus, clock)


@pytest.fixture
def lists(pool: Pool) -> PeopleLists:
    return people_lists(pool)


@pytest.fixture
async def manager(company: Company) -> Caller:
    return company.caller(await company.add("1050", scope=SUPERVISOR))


@pytest.fixture
async def anna(company: Company) -> Caller:
    return company.caller(await company.add("1001"))


def new(first_name: str = "Nora", last_name: str = "Lind", *, shared: bool = False, **fields: object) -> NewContact:
    return NewContact(first_name=first_name, last_name=last_name, shared=shared, **fields)  # type: ignore[arg-type]


# ------------------------------------------------------------ one contact


async def test_a_contact_comes_back_as_it_was_entered_but_tidied(service: ContactService, anna: Caller) -> None:
    added = await service.add(
        anna,
        new(
            " Zoe\u0308 ",
            numbers=[Number("work", " +1 212 555 0100 "), Number("work", "+1 212 555 0100"), Number("mobile", " ")],
            emails=[Email("", "zoe@a.example ")],
            tags=["VIP", "vip", "late"],
            notes="one\r\ntwo ",
        ),
    )
    assert added.first_name == "Zoë"
    assert added.numbers == [Number("work", "+1 212 555 0100", "+12125550100")]
    assert added.emails == [Email("", "zoe@a.example")]
    assert (added.tags, added.notes) == (["VIP", "late"], "one\ntwo")
    assert (added.changed_at, added.changed_by) == (NOW, anna.user)
    assert await service.contact(anna, added.contact) == added


@pytest.mark.parametrize("missing", ["first_name", "last_name"])
async def test_a_shared_contact_needs_both_names(service: ContactService, manager: Caller, missing: str) -> None:
    with pytest.raises(Invalid) as refused:
        await service.add(manager, new(**{missing: " "}, shared=True, company="Alder"))
    assert refused.value.field == missing


async def test_a_personal_contact_needs_anything_to_know_it_by(service: ContactService, anna: Caller) -> None:
    assert (await service.add(anna, new("", "", company="Alder"))).company == "Alder"
    with pytest.raises(Invalid) as refused:
        await service.add(anna, new("", "", notes="nobody"))
    assert refused.value.field == "first_name"


async def test_personal_contacts_are_nobody_elses(service: ContactService, company: Company, anna: Caller) -> None:
    added = await service.add(anna, new())
    boss = company.caller(await company.add("1051", scope=Scope.SUPER_USER))
    with pytest.raises(ContactNotFound):
        await service.contact(boss, added.contact)
    with pytest.raises(ContactNotFound):
        await service.edit(boss, added.contact, ContactEdit(rev=added.rev, company="Spy"))
    with pytest.raises(ContactNotFound):
        await service.delete(boss, added.contact, None)
    done = await service.delete_many(boss, [ContactAt(added.contact, added.rev)])
    assert (done.done, done.missing) == ([], [added.contact])
    assert (await service.restore(boss, [added.contact])).missing == [added.contact]
    assert (await service.tag(boss, Tagging([added.contact], add=["x"]))).missing == [added.contact]
    assert await service.contact(anna, added.contact) == added


async def test_a_masked_manager_keeps_the_contacts_of_the_masked_user(
    service: ContactService, company: Company, anna: Caller, manager: Caller, pool: Pool
) -> None:
    masked = company.caller(anna.user, operator=manager.user)
    added = await service.add(masked, new())
    assert await service.contact(anna, added.contact) == added
    assert added.changed_by == manager.user, "whose hand it was"
    line = await pool.fetchrow("SELECT * FROM audit WHERE domain_id = $1", company.domain)
    assert line is not None
    assert (line["action"], line["user_id"], line["operator_id"]) == ("contacts.added", anna.user, manager.user)
    with pytest.raises(NotYoursToManage):
        await service.add(masked, new(shared=True))


# ------------------------------------------------------------ who is faster


async def test_of_two_managers_who_edit_the_same_contact_the_second_gets_both_versions(
    service: ContactService, company: Company, manager: Caller
) -> None:
    other = company.caller(await company.add("1051", scope=Scope.OFFICE_MANAGER))
    contact = await service.add(manager, new(shared=True))
    first = await service.edit(manager, contact.contact, ContactEdit(rev=contact.rev, company="Alder"))
    with pytest.raises(ContactHasChanged) as refused:
        await service.edit(other, contact.contact, ContactEdit(rev=contact.rev, job_title="Buyer"))
    assert refused.value.current == first
    assert (refused.value.yours.company, refused.value.yours.job_title) == ("Alder", "Buyer")
    again = await service.edit(other, contact.contact, ContactEdit(rev=refused.value.current.rev, job_title="Buyer"))
    assert (again.company, again.job_title) == ("Alder", "Buyer")


async def test_many_edits_at_the_same_moment_lose_nothing_that_was_accepted(
    service: ContactService, company: Company, manager: Caller
) -> None:
    contact = await service.add(manager, new(shared=True))

    async def add_tag(tag: str) -> bool:
        current = await service.contact(manager, contact.contact)
        try:
            await service.edit(manager, contact.contact, ContactEdit(rev=current.rev, tags=[*current.tags, tag]))
        except ContactHasChanged:
            return False
        return True

    tags = [f"tag{number}" for number in range(8)]
    accepted = await asyncio.gather(*map(add_tag, tags))
    kept = (await service.contact(manager, contact.contact)).tags
    assert sorted(kept) == [tag for tag, was in zip(tags, accepted, strict=True) if was]
    assert any(accepted)


async def test_who_edits_what_was_deleted_meanwhile_is_told_and_can_bring_it_back(
    service: ContactService, manager: Caller
) -> None:
    contact = await service.add(manager, new(shared=True))
    await service.delete(manager, contact.contact, contact.rev)
    with pytest.raises(ContactHasChanged) as refused:
        await service.edit(manager, contact.contact, ContactEdit(rev=contact.rev, company="Alder"))
    assert refused.value.current.deleted_at == NOW
    assert refused.value.yours.company == "Alder"
    [back] = (await service.restore(manager, [contact.contact])).done
    assert (await service.edit(manager, contact.contact, ContactEdit(rev=back.rev, company="Alder"))).company == "Alder"


async def test_who_deletes_what_was_edited_meanwhile_is_told(service: ContactService, manager: Caller) -> None:
    contact = await service.add(manager, new(shared=True))
    edited = await service.edit(manager, contact.contact, ContactEdit(rev=contact.rev, company="Alder"))
    with pytest.raises(ContactHasChanged) as refused:
        await service.delete(manager, contact.contact, contact.rev)
    assert refused.value.current == edited
    done = await service.delete_many(manager, [ContactAt(contact.contact, contact.rev)])
    assert (done.done, done.changed) == ([], [edited])
    await service.delete(manager, contact.contact, edited.rev)
    [back] = (await service.restore(manager, [contact.contact])).done
    assert back.company == "Alder"


async def test_deleting_twice_is_fine(service: ContactService, anna: Caller) -> None:
    contact = await service.add(anna, new())
    first = await service.delete(anna, contact.contact, None)
    assert (await service.delete(anna, contact.contact, contact.rev)).deleted_at == first.deleted_at


async def test_tags_are_put_on_whatever_else_happens_meanwhile(service: ContactService, manager: Caller) -> None:
    made = [await service.add(manager, new(f"N{number}", shared=True, tags=["old"])) for number in range(5)]
    ids = [each.contact for each in made]
    edits = [service.edit(manager, each.contact, ContactEdit(rev=each.rev, company="Alder")) for each in made]
    done, *_ = await asyncio.gather(
        service.tag(manager, Tagging(ids, add=["new"], remove=["OLD"])), *edits, return_exceptions=True
    )
    assert isinstance(done, BulkDone)
    assert sorted(each.contact for each in done.done) == ids
    for contact in ids:
        assert (await service.contact(manager, contact)).tags == ["new"]


# ------------------------------------------------------------ trash


async def test_what_is_deleted_lies_in_the_trash_for_thirty_days_and_is_then_forgotten(
    service: ContactService, lists: PeopleLists, company: Company, anna: Caller, clock: Clock
) -> None:
    old, young, kept = [await service.add(anna, new(name)) for name in ("Old", "Young", "Kept")]
    await service.star(anna, TargetKind.CONTACT, old.contact, on=True)
    await service.delete(anna, old.contact, None)
    clock.now += timedelta(days=1)
    await service.delete(anna, young.contact, None)
    trash = await lists.trash_page(anna, ContactsQuery(limit=1))
    assert [each.contact for each in trash.items] == [young.contact]
    rest = await lists.trash_page(anna, ContactsQuery(after=trash.next))
    assert [each.contact for each in rest.items] == [old.contact]

    clock.now = NOW + timedelta(days=TRASH_DAYS, seconds=1)
    assert await service.empty_trash() >= 1
    left = await lists.trash_page(anna, ContactsQuery())
    assert [each.contact for each in left.items] == [young.contact]
    assert (await service.restore(anna, [old.contact])).missing == [old.contact]
    assert (await service.own_things(anna)).favourites == [], "nor is a star left on it"
    assert [each.contact for each in (await lists.contacts_page(anna, ContactsQuery())).items] == [kept.contact]
    changes = await service.changes(anna, ContactsPosition(own=1), 100)
    assert changes.too_old, "a client that was away for so long reads afresh"


async def test_a_book_has_an_end(pool: Pool, company: Company, bus: RedisBus, anna: Caller) -> None:
    from contacts.model import Doing, book_of
    from storage.postgres.contacts import PostgresContactStore
    from wire.contacts import ContactFields

    store = PostgresContactStore(pool)
    doing = Doing.by(anna, book_of(anna.user), NOW)
    fields = [ContactFields(first_name=str(number)) for number in range(3)]
    added = await store.add(company.domain, doing, fields, 3)
    with pytest.raises(BookFull):
        await store.add(company.domain, doing, fields[:1], 3)
    from contacts.model import Seen

    await store.delete(company.domain, doing, [Seen(added.done[0].contact)])
    await store.add(company.domain, doing, fields[:1], 3)
    with pytest.raises(BookFull):
        await store.restore(company.domain, doing, [added.done[0].contact], 3)


# ------------------------------------------------------------ stars and overlays


async def test_stars_are_put_on_what_one_sees(service: ContactService, company: Company, anna: Caller) -> None:
    ben = await company.add("1002")
    hidden = await company.add("1003", list_in_directory=False)
    queue = await company.add("2000", is_system=True)
    contact = await service.add(anna, new())
    await service.star(anna, TargetKind.COWORKER, ben, on=True)
    await service.star(anna, TargetKind.COWORKER, ben, on=True)
    await service.star(anna, TargetKind.CONTACT, contact.contact, on=True)
    for unseen in (hidden, queue, 999):
        with pytest.raises(NotFound):
            await service.star(anna, TargetKind.COWORKER, unseen, on=True)
    with pytest.raises(NotFound):
        await service.star(company.caller(ben), TargetKind.CONTACT, contact.contact, on=True)
    starred = {(each.kind, each.target) for each in (await service.own_things(anna)).favourites}
    assert starred == {(TargetKind.COWORKER, ben), (TargetKind.CONTACT, contact.contact)}
    await service.star(anna, TargetKind.COWORKER, ben, on=False)
    assert [each.target for each in (await service.own_things(anna)).favourites] == [contact.contact]


async def test_an_overlay_is_the_viewers_alone_and_says_when_it_was_changed_elsewhere(
    service: ContactService, company: Company, anna: Caller
) -> None:
    ben = await company.add("1002")
    cleo = company.caller(await company.add("1003"))
    saved = await service.set_overlay(
        anna, ben, OverlayEdit(notes="Sits upstairs", numbers=[Number("home", "+12125550177")])
    )
    assert (await service.overlay(cleo, ben)).notes == ""
    again = await service.set_overlay(anna, ben, OverlayEdit(rev=saved.rev, notes="Moved"))
    with pytest.raises(OverlayHasChanged) as refused:
        await service.set_overlay(anna, ben, OverlayEdit(rev=saved.rev, notes="Other"))
    assert (refused.value.current, refused.value.yours.notes) == (again, "Other")
    await service.set_overlay(anna, ben, OverlayEdit(rev=again.rev))
    assert (await service.own_things(anna)).overlays == []
    assert (await service.set_overlay(anna, ben, OverlayEdit(notes="New"))).notes == "New", "as if there had been none"


# ------------------------------------------------------------ telling


CHANGES: dict[str, Callable[[ContactService, Caller, list[Contact], UserId], object]] = {
    "add": lambda service, who, _, __: service.add(who, new("New", shared=True)),
    "add a personal one": lambda service, who, _, __: service.add(who, new("Own")),
    "edit": lambda service, who, some, _: service.edit(who, some[0].contact, ContactEdit(rev=some[0].rev, company="A")),
    "delete": lambda service, who, some, _: service.delete(who, some[0].contact, some[0].rev),
    "delete many": lambda service, who, some, _: service.delete_many(
        who, [ContactAt(each.contact, each.rev) for each in some]
    ),
    "tag": lambda service, who, some, _: service.tag(who, Tagging([each.contact for each in some], add=["x"])),
    "star": lambda service, who, some, _: service.star(who, TargetKind.CONTACT, some[0].contact, on=True),
    "star a coworker": lambda service, who, _, ben: service.star(who, TargetKind.COWORKER, ben, on=True),
    "overlay": lambda service, who, _, ben: service.set_overlay(who, ben, OverlayEdit(notes="x")),
}


@pytest.mark.parametrize("change", CHANGES)
async def test_a_snapshot_and_the_event_of_a_change_are_a_fresh_snapshot(
    service: ContactService, lists: PeopleLists, company: Company, manager: Caller, bus: RedisBus, change: str
) -> None:
    ben = await company.add("1002")
    reader = company.caller(await company.add("1003"))
    some = [await service.add(manager, new(f"S{number}", shared=True)) for number in range(3)]
    some.append(await service.add(manager, new("Mine")))
    listener = await Listener.on(bus, company.domain)
    mine, readers = [await KnownBooks.read(service, lists, who) for who in (manager, reader)]
    await CHANGES[change](service, manager, some, ben)  # type: ignore[misc]
    heard = await listener.everything(bus, company.domain)
    for known in (mine, readers):
        for each in heard:
            if isinstance(each.event, ContactsChanged) and (each.to is None or known.caller.user in each.to):
                known.apply(each.event)
        assert not known.has_missed, "nothing has to be asked for"
        assert known == await KnownBooks.read(service, lists, known.caller)
    assert any(isinstance(each.event, ContactsChanged) for each in heard)
    only_for_owner = [each for each in heard if isinstance(each.event, ContactsChanged) and not each.event.shared]
    assert all(each.to == [manager.user] for each in only_for_owner), "nobody hears of what is another's"


async def test_a_restored_contact_is_told_as_new(
    service: ContactService, lists: PeopleLists, company: Company, manager: Caller, bus: RedisBus
) -> None:
    contact = await service.add(manager, new(shared=True))
    await service.delete(manager, contact.contact, None)
    listener = await Listener.on(bus, company.domain)
    known = await KnownBooks.read(service, lists, manager)
    await service.restore(manager, [contact.contact])
    for each in await listener.everything(bus, company.domain):
        assert isinstance(each.event, ContactsChanged)
        known.apply(each.event)
    assert known == await KnownBooks.read(service, lists, manager)


async def test_a_change_that_changes_nothing_tells_nobody(
    service: ContactService, company: Company, manager: Caller, bus: RedisBus
) -> None:
    contact = await service.add(manager, new(shared=True, tags=["a"]))
    listener = await Listener.on(bus, company.domain)
    await service.edit(manager, contact.contact, ContactEdit(rev=contact.rev, first_name="Nora "))
    await service.tag(manager, Tagging([contact.contact], add=["A"]))
    await service.star(manager, TargetKind.CONTACT, contact.contact, on=False)
    assert await listener.everything(bus, company.domain) == []


async def test_a_change_too_large_to_be_told_is_told_as_a_gap_and_read_in_pages(
    service: ContactService, lists: PeopleLists, company: Company, manager: Caller, bus: RedisBus
) -> None:
    made = [await service.add(manager, new(f"N{number}", shared=True)) for number in range(TOLD_AT_MOST + 1)]
    listener = await Listener.on(bus, company.domain)
    known = await KnownBooks.read(service, lists, manager)
    await service.delete_many(manager, [ContactAt(each.contact, each.rev) for each in made])
    [heard] = await listener.everything(bus, company.domain)
    assert isinstance(heard.event, ContactsChanged)
    known.apply(heard.event)
    assert known.has_missed
    await known.catch_up(service, limit=40)
    assert known == await KnownBooks.read(service, lists, manager)


@pytest.mark.parametrize("limit", [1, 2, 3, 500])
async def test_who_was_away_catches_up_from_any_position(
    service: ContactService, lists: PeopleLists, company: Company, manager: Caller, limit: int
) -> None:
    ben = await company.add("1002")
    known = [await KnownBooks.read(service, lists, manager)]
    contact = await service.add(manager, new(shared=True))
    known.append(await KnownBooks.read(service, lists, manager))
    await service.star(manager, TargetKind.CONTACT, contact.contact, on=True)
    await service.add(manager, new("Own"))
    known.append(await KnownBooks.read(service, lists, manager))
    await service.set_overlay(manager, ben, OverlayEdit(notes="x"))
    await service.star(manager, TargetKind.CONTACT, contact.contact, on=False)
    await service.delete(manager, contact.contact, None)
    fresh = await KnownBooks.read(service, lists, manager)
    for each in known:
        await each.catch_up(service, limit=limit)
        assert each == fresh
    events = await service.missed(manager, ContactsPosition(), fresh.position)
    told = KnownBooks(manager)
    for event in events:
        told.apply(event)
    assert told == fresh


async def test_nothing_of_another_domain_is_seen_or_changed(
    service: ContactService, company: Company, manager: Caller, pool: Pool
) -> None:
    contact = await service.add(manager, new(shared=True))
    rivals = await Company.make(pool)
    spy = rivals.caller(await rivals.add("1001", scope=Scope.SUPER_USER))
    with pytest.raises(ContactNotFound):
        await service.contact(spy, contact.contact)
    with pytest.raises(ContactNotFound):
        await service.edit(spy, contact.contact, ContactEdit(rev=contact.rev, company="Spy"))
    assert (await service.delete_many(spy, [ContactAt(contact.contact, contact.rev)])).missing == [contact.contact]
    assert (await service.changes(spy, ContactsPosition(), 10)).contacts == []
    assert await service.contact(manager, contact.contact) == contact
