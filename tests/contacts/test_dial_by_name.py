"""Who wants to be announced is found by callers by the letters on a telephone's keys."""

import pytest

from contacts.dial_by_name import keys_of
from storage.postgres.pool import Pool
from tests.support.company import Company
from tests.support.contacts import people_lists
from wire.http import PageQuery


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("Smith", "76484"),
        ("Müller-Lüdenscheidt", "685537583367243438"),
        ("O’Connor", "6266667"),
        ("佐藤", ""),
        ("Anna 2", "26622"),
    ],
)
def test_letters_are_the_keys_they_stand_on(name: str, keys: str) -> None:
    assert keys_of(name) == keys


async def test_only_people_who_want_it_are_announced_page_by_page(pool: Pool) -> None:
    company = await Company.make(pool)
    lists = people_lists(pool)
    anna = await company.add("1001", first_name="Anna", last_name="Berg")
    await company.add("1002", announce_in_directory=False)
    await company.add("2000", is_system=True)
    ben = await company.add("1003", first_name="Ben", last_name="Ode")
    caller = company.caller(anna)
    first = await lists.audio_directory(caller, PageQuery(limit=1))
    second = await lists.audio_directory(caller, PageQuery(limit=1, after=first.next))
    assert [each.user for each in (*first.items, *second.items)] == [anna, ben]
    assert second.next is None
    assert (first.items[0].first_name_keys, first.items[0].last_name_keys) == ("2662", "2374")
