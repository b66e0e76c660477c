import asyncio

import pytest

from contacts.model import Kind, Overview
from contacts.store import ContactStore
from storage.postgres.contacts import PostgresContactStore
from storage.postgres.pool import Pool, connection, transaction
from storage.postgres.provisioning import add_contact_in_tx
from tests.support.company import Company
from wire.contacts import Contact, ContactsPosition
from wire.errors import NotFound
from wire.identity import DomainId, Scope, UserId


@pytest.fixture
def store(pool: Pool) -> ContactStore:
    return PostgresContactStore(pool)


@pytest.fixture
async def company(pool: Pool) -> Company:
    return await Company.make(pool, sites=["North"])


async def test_the_directory_is_in_the_order_of_ids_and_says_who_is_unlisted(
    store: ContactStore, company: Company
) -> None:
    listed = await company.add("1009", scope=Scope.CALL_CENTER_AGENT, site="North")
    hidden = await company.add("1001", list_in_directory=False)
    entries = await store.directory(company.domain, UserId(0), 10)
    assert [each.coworker.user for each in entries] == [listed, hidden]
    assert [each.listed for each in entries] == [True, False]
    assert (entries[0].scope, entries[0].site) == (Scope.CALL_CENTER_AGENT, "North")
    assert [each.coworker.user for each in await store.directory(company.domain, listed, 10)] == [hidden]
    assert [each.coworker.user for each in await store.directory(company.domain, UserId(0), 1)] == [listed]


async def test_an_overview_is_of_ones_own_domain_and_books(store: ContactStore, company: Company, pool: Pool) -> None:
    """Asked for by many at once, as when everybody logs in: each gets their own."""
    anna, ben = await company.add("1001"), await company.add("1002")
    other = await Company.make(pool)
    carl = await other.add("1001")
    kept = ((company, 0, 3, 7), (company, anna, 5, 9), (other, 0, 11, 13))
    async with connection(pool) as conn:
        for whose, book, contacts, rev in kept:
            await conn.execute(
                "INSERT INTO contact_books (domain_id, book_id, contacts, rev) VALUES ($1, $2, $3, $4)",
                whose.domain,
                book,
                contacts,
                rev,
            )
    asked = ((company, anna), (company, ben), (other, carl))
    assert await asyncio.gather(*(store.overview(whose.domain, user) for whose, user in asked)) == [
        Overview(2, 2 + 3 + 5, ContactsPosition(shared=7, own=9)),
        Overview(2, 2 + 3, ContactsPosition(shared=7, own=0)),
        Overview(1, 1 + 11, ContactsPosition(shared=13, own=0)),
    ]
    with pytest.raises(NotFound):
        await store.overview(DomainId("nowhere.test"), anna)


async def test_every_new_user_moves_the_directory_on(store: ContactStore, company: Company) -> None:
    assert await store.directory_rev(company.domain) == 0
    await company.add("1001")
    await company.add("1002")
    assert await store.directory_rev(company.domain) == 2
    assert [each.coworker.rev for each in await store.directory(company.domain, UserId(0), 10)] == [1, 2]


async def test_both_kinds_of_contacts_are_cut_at_the_same_length(
    store: ContactStore, company: Company, pool: Pool
) -> None:
    anna = await company.add("1001")
    async with transaction(pool) as conn:
        for number in range(6):
            contact = Contact(contact=0, rev=1, shared=True, first_name=str(number))
            await add_contact_in_tx(conn, company.domain, contact, anna if number < 3 else None)
    for after, limit, expected in ((0, 4, [1, 2, 3, 4]), (2, 3, [3, 4, 5]), (5, 9, [6])):
        found = await store.contacts(company.domain, anna, None, after, limit)
        assert [each.contact for each in found] == expected
    assert [each.shared for each in await store.contacts(company.domain, anna, Kind.PERSONAL, 0, 9)] == [False] * 3
    assert [each.shared for each in await store.contacts(company.domain, anna, Kind.SHARED, 0, 9)] == [True] * 3


async def test_what_a_search_compares_is_kept_with_the_contact(company: Company, pool: Pool) -> None:
    async with transaction(pool) as conn:
        await add_contact_in_tx(conn, company.domain, Contact(contact=0, rev=1, shared=True, first_name="Zoë"))
    async with connection(pool) as conn:
        assert await conn.fetchval("SELECT search FROM contacts WHERE domain_id = $1", company.domain) == "zoe"
