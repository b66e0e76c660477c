"""Lists of people: every group shows who it should, in every order, whole however it is paged, found by any field."""

from itertools import product

import pytest

from contacts.listing import PeopleLists
from contacts.service import ContactService
from storage.postgres.pool import Pool
from storage.redis.bus import RedisBus
from tests.support.company import Company
from tests.support.contacts import Said, contact_service, people_lists
from wire.contacts import ListedPerson, NewContact, Number, OverlayEdit, PeopleQuery, TargetKind
from wire.errors import Invalid
from wire.identity import Caller, Scope, UserId


class Office:
    """A company with people in every group. Names are what the tests speak of."""

    def __init__(self, company: Company, viewer: Caller, said: Said) -> None:
        self.company = company
        self.viewer = viewer
        self.said = said
        self.users: dict[str, UserId] = {}


@pytest.fixture
def said() -> Said:
    return Said()


@pytest.fixture
def lists(pool: Pool, said: Said) -> PeopleLists:
    return people_lists(pool, said)


@pytest.fixture
def service(pool: Pool, bus: RedisBus) -> ContactService:
    return contact_service(pool, bus)


@pytest.fixture
async def office(pool: Pool, service: ContactService, said: Said) -> Office:
    company = await Company.make(pool, sites=["North", "South"])
    viewer = company.caller(
        await company.add("1000", first_name="Viewer", last_name="", scope=Scope.CALL_CENTER_SUPERVISOR)
    )
    office = Office(company, viewer, said)
    people = [
        ("Łukasz", "Wójcik", "1002", "Sales", "North", "lukasz@a.example"),
        ("Zoë", "Adams", "1010", "Support", "South", ""),
        ("anna", "Berg", "101", "", None, "b@a.example"),
        ("Room 10", "", "200", "Sales", None, "room10@a.example"),
        ("Room 9", "", "30", "Sales", None, "room9@a.example"),
    ]
    for first, last, extension, department, site, email in people:
        office.users[first] = await company.add(
            extension,
            first_name=first,
            last_name=last,
            department=department,
            site=site,
            emails=[email] if email else [],
        )
    await company.add("1099", first_name="Hidden", last_name="", list_in_directory=False)
    await company.add("2000", first_name="Queue", last_name="", is_system=True)
    said.now = {office.users["Zoë"]: "available", office.users["Łukasz"]: "busy", office.users["Room 9"]: "unknown"}
    await service.add(viewer, NewContact(first_name="Émile", last_name="Zola", shared=True, company="Alder Hotels"))
    await service.add(viewer, NewContact(first_name="Mum", numbers=[Number("home", "+1 (212) 555-0177")]))
    return office


def names(items: list[ListedPerson]) -> list[str]:
    shown = []
    for each in items:
        who = each.coworker or each.contact
        assert who is not None
        shown.append(who.first_name)
    return shown


async def listed(lists: PeopleLists, office: Office, **query: object) -> list[str]:
    return names((await lists.people_page(office.viewer, PeopleQuery(**query))).items)  # type: ignore[arg-type]


GROUPS = {
    "all": ["anna", "Émile", "Łukasz", "Mum", "Room 9", "Room 10", "Zoë"],
    "shared": ["Émile"],
    "mine": ["Mum"],
    "coworkers": ["anna", "Łukasz", "Room 9", "Room 10", "Zoë"],
    "department:Sales": ["Łukasz", "Room 9", "Room 10"],
    "site:North": ["Łukasz"],
    "available": ["Zoë"],
    "busy": ["Łukasz"],
    "unknown": ["Room 9"],
    "offline": ["anna", "Room 10"],
    "favourites": [],
    "department:None": [],
}


@pytest.mark.parametrize("group", GROUPS)
async def test_each_group_shows_who_it_should(lists: PeopleLists, office: Office, group: str) -> None:
    page = await lists.people_page(office.viewer, PeopleQuery(group=group))
    assert names(page.items) == GROUPS[group]
    assert page.total == len(GROUPS[group])


@pytest.mark.parametrize(
    ("group", "status", "found"),
    [
        ("department:Sales", "busy", ["Łukasz"]),
        ("department:Sales", "offline", ["Room 10"]),
        ("all", "available", ["Zoë"]),
        ("shared", "available", []),
        ("offline", "offline", ["anna", "Room 10"]),
        ("available", "busy", []),
    ],
)
async def test_a_group_is_narrowed_by_status(
    lists: PeopleLists, office: Office, group: str, status: str, found: list[str]
) -> None:
    assert await listed(lists, office, group=group, status=status) == found


async def test_sizes_of_groups_are_what_the_groups_show(lists: PeopleLists, office: Office) -> None:
    sizes = {each.group: each.people for each in (await lists.group_counts(office.viewer)).groups}
    assert sizes == {group: len(who) for group, who in GROUPS.items() if group != "department:None"} | {
        "department:Support": 1,
        "site:South": 1,
    }


async def test_favourites_are_of_any_kind(lists: PeopleLists, office: Office, service: ContactService) -> None:
    everything = (await lists.people_page(office.viewer, PeopleQuery())).items
    contacts = {each.contact.first_name: each.contact.contact for each in everything if each.contact}
    await service.star(office.viewer, TargetKind.COWORKER, office.users["Zoë"], on=True)
    await service.star(office.viewer, TargetKind.CONTACT, contacts["Émile"], on=True)
    await service.star(office.viewer, TargetKind.CONTACT, contacts["Mum"], on=True)
    await service.star(office.viewer, TargetKind.CONTACT, contacts["Mum"], on=False)
    assert await listed(lists, office, group="favourites") == ["Émile", "Zoë"]
    page = await lists.people_page(office.viewer, PeopleQuery())
    assert [each.favourite for each in page.items] == [name in ("Émile", "Zoë") for name in GROUPS["all"]]


ORDERS = {
    ("name", False): ["anna", "Émile", "Łukasz", "Mum", "Room 9", "Room 10", "Zoë"],
    ("department", False): ["Łukasz", "Room 9", "Room 10", "Zoë", "anna", "Émile", "Mum"],
    ("extension", False): ["Room 9", "anna", "Room 10", "Łukasz", "Zoë", "Émile", "Mum"],
    ("email", False): ["anna", "Łukasz", "Room 9", "Room 10", "Émile", "Mum", "Zoë"],
    ("status", False): ["Zoë", "Łukasz", "Room 9", "anna", "Room 10", "Émile", "Mum"],
    ("name", True): ["Zoë", "Room 10", "Room 9", "Mum", "Łukasz", "Émile", "anna"],
    ("department", True): ["Zoë", "Room 10", "Room 9", "Łukasz", "Mum", "Émile", "anna"],
    ("extension", True): ["Zoë", "Łukasz", "Room 10", "anna", "Room 9", "Mum", "Émile"],
    ("email", True): ["Room 10", "Room 9", "Łukasz", "anna", "Zoë", "Mum", "Émile"],
    ("status", True): ["Room 10", "anna", "Room 9", "Łukasz", "Zoë", "Mum", "Émile"],
}
"""9 comes before 10, accents and case do not matter, and who has none of it stands at the end either way."""


@pytest.mark.parametrize(("sort", "descending"), ORDERS)
@pytest.mark.parametrize("limit", [1, 3, 50])
async def test_every_order_is_natural_and_whole_however_it_is_paged(
    lists: PeopleLists, office: Office, sort: str, descending: bool, limit: int
) -> None:
    found: list[str] = []
    after: str | None = None
    while True:
        query = PeopleQuery(sort=sort, descending=descending, limit=limit, after=after)
        page = await lists.people_page(office.viewer, query)
        found += names(page.items)
        after = page.next
        if after is None:
            break
    assert found == ORDERS[sort, descending]


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("lukasz", ["Łukasz"]),
        ("WOJ", ["Łukasz"]),
        ("woj luk", ["Łukasz"]),
        ("1002", ["Łukasz"]),
        ("02", ["Łukasz"]),
        ("north", ["Łukasz"]),
        ("support", ["Zoë"]),
        ("lukasz@a.ex", ["Łukasz"]),
        ("alder", ["Émile"]),
        ("emile zola", ["Émile"]),
        ("555-0177", ["Mum"]),
        ("0177", ["Mum"]),
        ("12125550177", ["Mum"]),
        ("+1 212 555", ["Mum"]),
        ("hidden", []),
        ("queue", []),
        ("ukasz", []),
        ("' | '", GROUPS["all"]),
        ("a'b\\ :* & !", ["anna"]),
        ("%", GROUPS["all"]),
    ],
)
async def test_people_are_found_by_every_field(
    lists: PeopleLists, office: Office, search: str, found: list[str]
) -> None:
    assert await listed(lists, office, search=search) == found


async def test_what_the_viewer_wrote_down_is_found_too_but_by_nobody_else(
    lists: PeopleLists, office: Office, service: ContactService
) -> None:
    edit = OverlayEdit(last_name="Neighbour", numbers=[Number("home", "+1 212 555 0188")])
    await service.set_overlay(office.viewer, office.users["Zoë"], edit)
    assert await listed(lists, office, search="0188") == ["Zoë"]
    assert await listed(lists, office, search="neighbour") == ["Zoë"]
    other = Office(office.company, office.company.caller(office.users["Łukasz"]), office.said)
    assert await listed(lists, other, search="0188") == []


@pytest.mark.parametrize("group", ["", "nobody", "department", "department:", "site:", "all:x"])
async def test_there_is_no_other_group(lists: PeopleLists, office: Office, group: str) -> None:
    with pytest.raises(Invalid) as refused:
        await lists.people_page(office.viewer, PeopleQuery(group=group))
    assert refused.value.field == "group"


@pytest.mark.parametrize("cursor", ["", "x", "!", "k" * 200, "lKMAAACjAAAAAAE"])
async def test_a_made_up_cursor_of_people_is_refused(lists: PeopleLists, office: Office, cursor: str) -> None:
    with pytest.raises(Invalid) as refused:
        await lists.people_page(office.viewer, PeopleQuery(after=cursor))
    assert refused.value.field == "after"


@pytest.mark.parametrize(("sort", "group"), [*product(["name", "status"], ["all", "coworkers", "offline"])])
async def test_unlisted_people_are_shown_to_those_who_manage_them(
    lists: PeopleLists, office: Office, sort: str, group: str
) -> None:
    boss = office.company.caller(await office.company.add("1090", scope=Scope.OFFICE_MANAGER, first_name="Boss"))
    page = await lists.people_page(boss, PeopleQuery(sort=sort, group=group))
    assert "Hidden" in names(page.items)
    assert "Hidden" not in await listed(lists, office, sort=sort, group=group)


# ------------------------------------------------------------ by number


async def test_a_caller_id_finds_the_own_contact_first_then_shared_ones_then_coworkers(
    lists: PeopleLists, office: Office, service: ContactService
) -> None:
    shared = NewContact(first_name="Shared", last_name="One", shared=True, numbers=[Number("fax", "+12125550177")])
    await service.add(office.viewer, shared)
    await service.set_overlay(office.viewer, office.users["Zoë"], OverlayEdit(numbers=[Number("x", "+1 212 5550177")]))
    found = await lists.lookup(office.viewer, "+1 212 555 0177")
    assert found.e164 == "+12125550177"
    shown = [(each.contact or each.coworker).first_name for each in found.matches]  # type: ignore[union-attr]
    assert shown == ["Mum", "Zoë", "Shared"]
    assert [each.label for each in found.matches] == ["home", "x", "fax"]


async def test_an_extension_finds_the_coworker_and_a_number_only_whole(lists: PeopleLists, office: Office) -> None:
    [match] = (await lists.lookup(office.viewer, "1002")).matches
    assert match.coworker is not None
    assert match.coworker.first_name == "Łukasz"
    assert (await lists.lookup(office.viewer, "0177")).matches == [], "a part of a number is somebody else's"
    assert (await lists.lookup(office.viewer, "1099")).matches == [], "unlisted"
    with pytest.raises(Invalid):
        await lists.lookup(office.viewer, "anonymous")


async def test_others_contacts_are_not_found_by_their_numbers(lists: PeopleLists, office: Office) -> None:
    other = office.company.caller(office.users["Łukasz"])
    assert (await lists.lookup(other, "+12125550177")).matches == []
