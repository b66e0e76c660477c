"""The simulated week adds up, whatever is drawn."""

import pytest

from bench import week
from bench.week import CHANGES_A_DAY, SLOT_MINUTES, WEEKEND, Company, activity, companies, simulated, watchers


def test_everybody_is_in_one_company_and_the_same_ones_are_drawn_again() -> None:
    drawn = [list(companies(50_000, seed=3)) for _ in range(2)]
    assert drawn[0] == drawn[1]
    assert sum(each.people for each in drawn[0]) == 50_000


@pytest.mark.parametrize("zone", [-8, 0, 5.5])
def test_each_zone_does_in_a_week_what_five_working_days_and_a_weekend_hold(zone: float) -> None:
    done = sum(activity(minute, zone) * 60 for minute in range(7 * 24 * 60))
    assert done == pytest.approx(5 + 2 * WEEKEND, rel=0.01)


def test_where_it_is_noon_more_goes_on_than_where_it_is_night() -> None:
    noon_in_london = 12 * 60
    assert activity(noon_in_london, 0) > 20 * activity(noon_in_london, -8)


def test_in_a_large_company_a_change_goes_to_those_who_name_whom_they_look_at() -> None:
    small, large = (watchers(Company(people, 0, 0), 1.0) for people in (500, 20_000))
    assert small == pytest.approx(500 * 0.52)
    assert large == pytest.approx(1_000 * 0.52)


def test_the_slots_hold_every_change_of_the_week_and_the_table_their_peak() -> None:
    made = list(companies(100_000, seed=1))
    slots = week.week(made)
    changes = sum(slot.changes for slot in slots) * SLOT_MINUTES * 60
    assert changes == pytest.approx(100_000 * CHANGES_A_DAY * (5 + 2 * WEEKEND), rel=0.01)
    figures = {row.what: row.figure for row in simulated(100_000).rows}
    assert figures["peak: gateways"] > figures["mean of the week: gateways"] > 0
    assert 1.0 <= figures[f"the fullest of {week.NODES} nodes of Redis, over its share"] < 3.0
