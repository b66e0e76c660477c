import pytest

from contacts.groups import groups_of_contact, groups_of_coworker
from wire.contacts import Contact
from wire.identity import Extension, UserId
from wire.records import Colour, Coworker, Presence, Reason

ANNA = Coworker(user=UserId(1), rev=1, extension=Extension("1001"), first_name="Anna", department="Sales", site="North")
ALONE = Coworker(user=UserId(2), rev=1, extension=Extension("1002"))


@pytest.mark.parametrize(
    ("colour", "group"),
    [
        (Colour.GREEN, "available"),
        (Colour.BLUE, "available"),
        (Colour.RED, "busy"),
        (Colour.OFFLINE, "offline"),
    ],
)
def test_a_coworker_is_in_exactly_one_group_by_status(colour: Colour, group: str) -> None:
    groups = groups_of_coworker(ALONE, Presence(user=UserId(2), rev=1, colour=colour))
    assert groups == {"all", "coworkers", group}


@pytest.mark.parametrize("colour", list(Colour))
def test_whose_switch_is_silent_is_neither_available_nor_busy_nor_offline(colour: Colour) -> None:
    groups = groups_of_coworker(ALONE, Presence(user=UserId(2), rev=1, colour=colour, chat=True, unknown_since=1))
    assert groups == {"all", "coworkers", "unknown"}


def test_do_not_disturb_is_busy_whatever_a_silent_switch_would_say() -> None:
    told = Presence(user=UserId(2), rev=1, colour=Colour.RED, reason=Reason.DO_NOT_DISTURB, dnd=True, unknown_since=1)
    assert groups_of_coworker(ALONE, told) == {"all", "coworkers", "busy"}


def test_without_a_presence_record_a_coworker_is_offline() -> None:
    assert "offline" in groups_of_coworker(ALONE, None)


def test_a_coworker_is_in_the_groups_of_the_own_department_and_site() -> None:
    assert groups_of_coworker(ANNA, None) == {"all", "coworkers", "offline", "department:Sales", "site:North"}


def test_whoever_was_starred_is_among_the_favourites() -> None:
    assert "favourites" in groups_of_coworker(ANNA, None, is_favourite=True)
    assert "favourites" in groups_of_contact(Contact(contact=1, rev=1, shared=True), is_favourite=True)


def test_who_has_gone_is_in_no_group() -> None:
    gone = Coworker(user=UserId(1), rev=2, extension=Extension("1001"), gone=True)
    assert groups_of_coworker(gone, None, is_favourite=True) == frozenset()


@pytest.mark.parametrize(("shared", "group"), [(True, "shared"), (False, "mine")])
def test_contacts_are_shared_or_the_viewers_own_and_have_no_status(shared: bool, group: str) -> None:
    contact = Contact(contact=1, rev=1, shared=shared, department="Purchasing")
    assert groups_of_contact(contact) == {"all", group}
