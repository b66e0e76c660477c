import pytest

from contacts.editing import cleaned, fields_of
from contacts.listing import PeopleLists
from storage.postgres.pool import Pool, transaction
from storage.postgres.provisioning import add_contact_in_tx
from tests.support.company import Company
from tests.support.contacts import people_lists
from wire.contacts import Address, Contact, ContactsQuery, Email, Number
from wire.errors import Invalid, NotFound
from wire.http import PageQuery
from wire.identity import Caller, DomainId, Scope, UserId
from wire.limits import LIMITS
from wire.records import Coworker


@pytest.fixture
async def company(pool: Pool) -> Company:
    return await Company.make(pool, sites=["North", "South"])


@pytest.fixture
def service(pool: Pool) -> PeopleLists:
    return people_lists(pool)


async def whole_directory(service: PeopleLists, caller: Caller, limit: int = 100) -> list[Coworker]:
    items: list[Coworker] = []
    after: str | None = None
    while True:
        page = await service.directory_page(caller, PageQuery(limit=limit, after=after))
        items += page.items
        if page.next is None:
            return items
        after = page.next


async def add_contact(pool: Pool, company: Company, first_name: str, owner: UserId | None = None) -> int:
    async with transaction(pool) as conn:
        return await add_contact_in_tx(
            conn, company.domain, Contact(contact=0, rev=1, shared=True, first_name=first_name), owner
        )


async def test_an_entry_holds_what_coworkers_may_know(service: PeopleLists, company: Company) -> None:
    user = await company.add(
        "1001",
        first_name="Zoë",
        last_name="Müller",
        department="Sales",
        site="North",
        job_title="Director",
        emails=["zoe@a.test", "private@a.test"],
    )
    [entry] = await whole_directory(service, company.caller(user))
    assert entry == Coworker(
        user=user,
        rev=await service.directory_rev(company.domain),
        extension=entry.extension,
        first_name="Zoë",
        last_name="Müller",
        department="Sales",
        site="North",
        job_title="Director",
        email="zoe@a.test",
    )


async def test_extensions_without_a_person_and_deleted_users_are_not_in_it(
    service: PeopleLists, company: Company, pool: Pool
) -> None:
    viewer = await company.add("1001")
    await company.add("2000", is_system=True)
    gone = await company.add("1002")
    async with transaction(pool) as conn:
        await conn.execute(
            "UPDATE users SET deleted_at = now() WHERE domain_id = $1 AND user_id = $2", company.domain, gone
        )
    assert [each.user for each in await whole_directory(service, company.caller(viewer))] == [viewer]


@pytest.mark.parametrize(
    ("scope", "site", "sees"),
    [
        (Scope.BASIC_USER, "North", set()),
        (Scope.CALL_CENTER_SUPERVISOR, "North", {"agent"}),
        (Scope.SITE_MANAGER, "North", {"north"}),
        (Scope.SITE_MANAGER, None, set()),
        (Scope.OFFICE_MANAGER, None, {"agent", "north", "manager"}),
    ],
)
async def test_unlisted_users_are_seen_by_those_who_manage_them(
    service: PeopleLists, company: Company, scope: Scope, site: str | None, sees: set[str]
) -> None:
    unlisted = {
        "agent": await company.add("1001", scope=Scope.CALL_CENTER_AGENT, site="South", list_in_directory=False),
        "north": await company.add("1002", site="North", list_in_directory=False),
        "manager": await company.add("1003", scope=Scope.OFFICE_MANAGER, list_in_directory=False),
    }
    viewer = await company.add("1004", scope=scope, site=site)
    seen = {each.user for each in await whole_directory(service, company.caller(viewer))}
    assert seen == {viewer} | {unlisted[name] for name in sees}


async def test_some_are_asked_for_by_id_and_who_is_not_to_be_seen_is_missing(
    service: PeopleLists, company: Company, pool: Pool
) -> None:
    viewer = await company.add("1001")
    ben = await company.add("1002", first_name="Ben")
    hidden = await company.add("1003", list_in_directory=False)
    system = await company.add("2000", is_system=True)
    rivals = await Company.make(pool)
    others = [await rivals.add(str(3001 + number)) for number in range(6)][-1]
    found = await service.coworkers(company.caller(viewer), [ben, hidden, system, others, ben, viewer])
    assert {each.user: each.first_name for each in found.coworkers} == {ben: "Ben", viewer: "User"}
    assert found.missing == [hidden, system, others]
    assert found.rev == await service.directory_rev(company.domain)
    boss = await company.add("1009", scope=Scope.OFFICE_MANAGER)
    assert [each.user for each in (await service.coworkers(company.caller(boss), [hidden])).coworkers] == [hidden]


async def test_everybody_is_listed_up_to_a_limit_of_coworkers_and_contacts_together(
    service: PeopleLists, company: Company, pool: Pool
) -> None:
    viewer, owner = [await company.add(extension) for extension in ("1001", "1002")]
    most = LIMITS.listed_people - 2

    async def books(shared: int, own: int) -> bool:
        async with transaction(pool) as conn:
            await conn.execute(
                "INSERT INTO contact_books (domain_id, book_id, contacts) VALUES ($1, 0, $2), ($1, $3, $4) "
                "ON CONFLICT (domain_id, book_id) DO UPDATE SET contacts = excluded.contacts",
                company.domain,
                shared,
                owner,
                own,
            )
        return (await service.overview(company.caller(owner))).lists_everybody

    assert (await service.overview(company.caller(viewer))).lists_everybody
    assert await books(most, 0)
    assert not await books(most, 1)
    assert (await service.overview(company.caller(viewer))).lists_everybody, "contacts of somebody else do not count"
    assert not await books(most + 1, 0)


async def test_users_who_are_not_people_do_not_count(service: PeopleLists, company: Company, pool: Pool) -> None:
    viewer = company.caller(await company.add("1001"))
    async with transaction(pool) as conn:
        await conn.execute(
            """
            INSERT INTO users (domain_id, user_id, extension, login_name, scope, is_system, deleted_at)
            SELECT $1, n, (n + 10000)::text, (n + 10000)::text, 2, n % 2 = 0, CASE WHEN n % 2 = 1 THEN now() END
            FROM generate_series(100, 100 + $2::int) n
            """,
            company.domain,
            LIMITS.listed_people,
        )
    assert (await service.overview(viewer)).lists_everybody
    async with transaction(pool) as conn:
        await conn.execute("UPDATE users SET is_system = false, deleted_at = NULL WHERE domain_id = $1", company.domain)
    assert not (await service.overview(viewer)).lists_everybody


async def test_unlisted_users_see_themselves(service: PeopleLists, company: Company) -> None:
    hidden = await company.add("1001", list_in_directory=False)
    assert [each.user for each in await whole_directory(service, company.caller(hidden))] == [hidden]


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 100])
async def test_pages_add_up_to_the_whole_without_repeats(service: PeopleLists, company: Company, limit: int) -> None:
    users = [await company.add(str(1001 + number), list_in_directory=number % 3 != 1) for number in range(7)]
    viewer = company.caller(users[0])
    listed = [user for number, user in enumerate(users) if number % 3 != 1]
    assert [each.user for each in await whole_directory(service, viewer, limit)] == listed


async def test_every_page_carries_the_revision_of_the_first(service: PeopleLists, company: Company) -> None:
    users = [await company.add(str(1001 + number)) for number in range(3)]
    first = await service.directory_page(company.caller(users[0]), PageQuery(limit=1))
    await company.add("1009")
    assert await service.directory_rev(company.domain) > first.rev
    second = await service.directory_page(company.caller(users[0]), PageQuery(limit=1, after=first.next))
    assert second.rev == first.rev, "what changed between the pages is told by events after the first"


@pytest.mark.parametrize("cursor", ["", "x", "1", "1-", "-1", "1-1-1", "9" * 30 + "-1", "1-99999999999", "1-１"])
async def test_a_made_up_cursor_is_refused(service: PeopleLists, company: Company, cursor: str) -> None:
    caller = company.caller(await company.add("1001"))
    with pytest.raises(Invalid) as refused:
        await service.directory_page(caller, PageQuery(after=cursor))
    assert refused.value.field == "after"


@pytest.mark.parametrize("cursor", ["", "x", "1", "1-1", "-1-1-1", "1-1-1-1", "1-1-" + "9" * 30, "1-1-１"])
async def test_a_made_up_cursor_of_contacts_is_refused(service: PeopleLists, company: Company, cursor: str) -> None:
    caller = company.caller(await company.add("1001"))
    with pytest.raises(Invalid) as refused:
        await service.contacts_page(caller, ContactsQuery(after=cursor))
    assert refused.value.field == "after"


async def test_everybody_reads_shared_contacts_and_the_own_ones(
    service: PeopleLists, company: Company, pool: Pool
) -> None:
    anna, ben = await company.add("1001"), await company.add("1002")
    shared = await add_contact(pool, company, "Nora")
    annas = await add_contact(pool, company, "Péter", anna)
    bens = await add_contact(pool, company, "Mum", ben)

    async def read(user: UserId, kind: str | None = None) -> list[int]:
        page = await service.contacts_page(company.caller(user), ContactsQuery(kind=kind))
        return [each.contact for each in page.items]

    assert await read(anna) == [shared, annas]
    assert await read(ben) == [shared, bens]
    assert await read(anna, "shared") == [shared]
    assert await read(anna, "personal") == [annas]


async def test_a_contact_comes_back_whole(service: PeopleLists, company: Company, pool: Pool) -> None:
    anna = await company.add("1001")
    contact = Contact(
        contact=1,
        rev=1,
        shared=False,
        first_name="Béatrice",
        middle_name="Anne",
        last_name="Moreau",
        company="Alder Hotels",
        department="Front Office",
        job_title="Réception",
        numbers=[Number("work", "+1 212 555 0102"), Number("ISDN ☎", "117")],
        emails=[Email("work", "b@alder.example"), Email("", "b2@alder.example")],
        addresses=[Address("work", "1 Rue\nBâtiment B", "Lyon", postal_code="69001", country="France")],
        notes="two\nlines",
        tags=["customer", "vip"],
    )
    async with transaction(pool) as conn:
        await add_contact_in_tx(conn, company.domain, contact, anna)
    [found] = (await service.contacts_page(company.caller(anna), ContactsQuery())).items
    assert fields_of(found) == cleaned(contact, "US")


@pytest.mark.parametrize("limit", [1, 2, 5])
async def test_contacts_are_paged_across_both_kinds(
    service: PeopleLists, company: Company, pool: Pool, limit: int
) -> None:
    anna = await company.add("1001")
    made = [await add_contact(pool, company, str(number), anna if number % 2 else None) for number in range(5)]
    read: list[int] = []
    after: str | None = None
    while after is not None or not read:
        page = await service.contacts_page(company.caller(anna), ContactsQuery(limit=limit, after=after))
        read += [each.contact for each in page.items]
        after = page.next
        if after is None:
            break
    assert read == made


async def test_deleted_contacts_are_not_listed(service: PeopleLists, company: Company, pool: Pool) -> None:
    anna = await company.add("1001")
    await add_contact(pool, company, "Nora")
    async with transaction(pool) as conn:
        await conn.execute("UPDATE contacts SET deleted_at = now() WHERE domain_id = $1", company.domain)
    assert (await service.contacts_page(company.caller(anna), ContactsQuery())).items == []


async def test_nothing_of_another_domain_is_seen(service: PeopleLists, company: Company, pool: Pool) -> None:
    rivals = await Company.make(pool)
    spy = await rivals.add("1001", scope=Scope.SUPER_USER)
    owner = await company.add("1001", first_name="Anna")
    await company.add("1002", list_in_directory=False)
    await add_contact(pool, company, "Nora")
    await add_contact(pool, company, "Péter", owner)
    caller = rivals.caller(spy)
    assert [each.user for each in await whole_directory(service, caller)] == [spy]
    assert (await service.contacts_page(caller, ContactsQuery())).items == []


async def test_an_unknown_domain_has_no_directory(service: PeopleLists) -> None:
    with pytest.raises(NotFound):
        await service.directory_rev(DomainId("nowhere.test"))
