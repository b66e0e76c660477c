"""Names in the order of the language of whoever looks, as browsers order them, page by page by an index."""

import pytest

from contacts.listing import PeopleLists
from contacts.ordering import ordering_of
from storage.postgres.pool import Pool, transaction
from storage.postgres.provisioning import add_contact_in_tx
from tests.support.company import Company
from tests.support.contacts import people_lists
from wire.contacts import ContactFields, ListedPerson, PeopleQuery
from wire.identity import Caller

# What `[...].sort(new Intl.Collator(language, {numeric: true, sensitivity: "base"}).compare)` comes to.
ORDERS = {
    "de-AT": "Adam Ärlig Öberg Oskar Pal Strasse Strauss Zorn",
    "sv-SE": "Adam Anna9 Anna10 Oskar Zorn Zzz Åberg Ärlig Æsir Öberg Øst",
    "nb": "Adam Oskar Zorn Äpfel Ærø Öhler Østergaard Åberg Aagaard",
    "es-MX": "Nuria Nz Ñandú Oso Pena Penz Peña Peo",
    "pl": "Adam Cz Ćwik Dom Lz Łukasz Maj Szz Śliwa Zz Źrebak Żak",
    "cs": "Cz Čapek Dom Hz Chalupa Ivan Rz Řehoř Sz Šimek Zz Žižka",
    "hr": "Cz Čačić Ćosić Dom Dz Đurić Sz Šarić Zz Žic",
    "hu": "Cz Csaba Dom Gz Gyula Oz Öcsi Pal Sa Su Sz Szabo Tz Tyukod Ubul Üllő Vas Zu Zsolt",
    "tr": "Cz Çelik Dom Gz Ğan Hz Işık İnci Jale Oz Öz Pal Sz Şen Uz Ünal Vas",
}


def name_of(person: ListedPerson) -> str:
    shown = person.coworker or person.contact
    assert shown is not None
    return shown.first_name


async def listed(lists: PeopleLists, caller: Caller, query: dict[str, object]) -> list[str]:
    names: list[str] = []
    after = None
    while True:
        page = await lists.people_page(caller, PeopleQuery(limit=3, after=after, **query))  # type: ignore[arg-type]
        names += map(name_of, page.items)
        after = page.next
        if after is None:
            return names


@pytest.mark.parametrize("language", ORDERS)
async def test_names_stand_where_the_reader_looks_for_them(pool: Pool, language: str) -> None:
    expected = ORDERS[language].split()
    company = await Company.make(pool)
    caller = company.caller(await company.add("1000"))
    for number, name in enumerate(sorted(expected)):
        if number % 2:
            async with transaction(pool) as conn:
                await add_contact_in_tx(conn, company.domain, ContactFields(first_name=name))
        else:
            await company.add(str(1001 + number), first_name=name, last_name="", department=name)
    lists = people_lists(pool)
    assert await listed(lists, caller, {"language": language}) == expected
    assert await listed(lists, caller, {"language": language, "descending": True}) == expected[::-1]
    coworkers = [name for name in expected if sorted(expected).index(name) % 2 == 0]
    for sort in ("department", "status"):
        query: dict[str, object] = {"language": language, "group": "coworkers", "sort": sort}
        assert await listed(lists, caller, query) == coworkers


@pytest.mark.parametrize(
    ("language", "ordering"),
    [("sv", "sv"), ("SV-fi", "sv"), ("nn-NO", "da"), ("sk", "cs"), ("de", ""), ("", ""), ("sve", ""), ("ja-JP", "")],
)
def test_languages_that_agree_share_an_order(language: str, ordering: str) -> None:
    assert ordering_of(language) == ordering


BY_AN_INDEX = {
    "users_by_name_sv": """
        EXPLAIN SELECT 1 FROM users WHERE domain_id = $1 AND deleted_at IS NULL AND NOT is_system
            AND is_moved('sv', first_name || ' ' || last_name)
        ORDER BY sort_text_in('sv', first_name || ' ' || last_name) COLLATE "C" LIMIT 10
    """,
    "contacts_by_name_sv": """
        EXPLAIN SELECT 1 FROM contacts WHERE domain_id = $1 AND book_id = 0 AND deleted_at IS NULL
            AND is_moved('sv', contact_name(first_name, middle_name, last_name, company))
        ORDER BY sort_text_in('sv', contact_name(first_name, middle_name, last_name, company)) COLLATE "C" LIMIT 10
    """,
}


@pytest.mark.parametrize("index", BY_AN_INDEX)
async def test_those_whom_an_order_moves_are_read_by_an_index(pool: Pool, index: str) -> None:
    company = await Company.make(pool)
    async with transaction(pool) as conn:
        await conn.execute("SET LOCAL enable_seqscan = off")
        await conn.execute("SET LOCAL enable_bitmapscan = off")
        # Among next to nobody, sorting costs as little: which it is would depend on what other tests have left.
        await conn.execute("SET LOCAL enable_sort = off")
        plan = "\n".join(row[0] for row in await conn.fetch(BY_AN_INDEX[index], company.domain))
    assert index in plan
    assert "Sort" not in plan
