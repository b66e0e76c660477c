"""Every row of the table of permissions, over every operation of contacts, masks and the walls of domains included.

What is expected is worked out here from product rules, not from the table that the service asks.
"""

import secrets
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from itertools import product

import httpx2
import pytest
from prometheus_client import CollectorRegistry

from contacts.routes import operations
from storage.postgres.pool import Pool, transaction
from storage.postgres.provisioning import add_contact_in_tx
from storage.redis.bus import RedisBus
from tests.support.company import Company
from tests.support.contacts import contact_service, people_lists
from web.application import make_application
from web.routes import make_routes
from wire.contacts import ContactFields
from wire.errors import NotLoggedIn
from wire.identity import Caller, Scope, UserId

MANAGERS = {
    Scope.CALL_CENTER_SUPERVISOR,
    Scope.SITE_MANAGER,
    Scope.OFFICE_MANAGER,
    Scope.RESELLER,
    Scope.SUPER_USER,
}
SCOPES = [each for each in Scope if each is not Scope.NO_PORTAL]
"""Whoever has no portal cannot log in; as the person behind a mask it is tried below."""
MASKS = {Scope.OFFICE_MANAGER, Scope.RESELLER, Scope.SUPER_USER}

ALWAYS, OWN_ONLY, MANAGERS_ONLY, NEVER = "always", "own", "managers", "never"


@dataclass(frozen=True)
class Try:
    """One request, made with the ids of a `World`. `who`: by whom it is allowed."""

    operation: str
    method: str
    path: str
    body: Callable[["World"], object] | None = None
    who: str = ALWAYS
    refused: int = 403
    note: str = ""

    @property
    def name(self) -> str:
        return f"{self.operation}{' ' + self.note if self.note else ''}"


def edit_shared(world: "World") -> object:
    return {"rev": world.rev, "company": "X"}


def edit_own(world: "World") -> object:
    return {"rev": world.own_rev, "company": "X"}


def shared_at(world: "World") -> object:
    return {"contacts": [{"contact": world.shared, "rev": world.rev}]}


def own_at(world: "World") -> object:
    return {"contacts": [{"contact": world.own, "rev": world.own_rev}]}


def shared_id(world: "World") -> object:
    return {"contacts": [world.shared]}


def own_id(world: "World") -> object:
    return {"contacts": [world.own]}


def tag_shared(world: "World") -> object:
    return {"contacts": [world.shared], "add": ["x"]}


def tag_own(world: "World") -> object:
    return {"contacts": [world.own], "add": ["x"]}


TRIES = [
    Try("list_directory", "GET", "/v1/directory"),
    Try("list_audio_directory", "GET", "/v1/directory/audio"),
    Try("list_people", "GET", "/v1/people"),
    Try("count_groups", "GET", "/v1/people/groups"),
    Try("look_up_number", "GET", "/v1/people/lookup?number=1001"),
    Try("list_contacts", "GET", "/v1/contacts"),
    Try("list_contact_changes", "GET", "/v1/contacts/changes"),
    Try("get_own_things", "GET", "/v1/contacts/own"),
    Try("add_contact", "POST", "/v1/contacts", lambda _: {"first_name": "A"}, OWN_ONLY, note="personal"),
    Try(
        "add_contact",
        "POST",
        "/v1/contacts",
        lambda _: {"first_name": "A", "last_name": "B", "shared": True},
        MANAGERS_ONLY,
        note="shared",
    ),
    Try("get_contact", "GET", "/v1/contacts/{shared}", note="shared"),
    Try("get_contact", "GET", "/v1/contacts/{own}", note="own"),
    Try("get_contact", "GET", "/v1/contacts/{others}", None, NEVER, 404, note="another's"),
    Try("get_contact", "GET", "/v1/contacts/{foreign}", None, NEVER, 404, note="of another domain"),
    Try("edit_contact", "PATCH", "/v1/contacts/{shared}", edit_shared, MANAGERS_ONLY, note="shared"),
    Try("edit_contact", "PATCH", "/v1/contacts/{own}", edit_own, OWN_ONLY, note="own"),
    Try("edit_contact", "PATCH", "/v1/contacts/{others}", edit_own, NEVER, 404, note="another's"),
    Try("edit_contact", "PATCH", "/v1/contacts/{foreign}", edit_own, NEVER, 404, note="of another domain"),
    Try("delete_contact", "DELETE", "/v1/contacts/{shared}", None, MANAGERS_ONLY, note="shared"),
    Try("delete_contact", "DELETE", "/v1/contacts/{own}", None, OWN_ONLY, note="own"),
    Try("delete_contact", "DELETE", "/v1/contacts/{others}", None, NEVER, 404, note="another's"),
    Try("delete_contact", "DELETE", "/v1/contacts/{foreign}", None, NEVER, 404, note="of another domain"),
    Try("delete_contacts", "POST", "/v1/contacts/delete", shared_at, MANAGERS_ONLY, note="shared"),
    Try("delete_contacts", "POST", "/v1/contacts/delete", own_at, OWN_ONLY, note="own"),
    Try("restore_contacts", "POST", "/v1/contacts/restore", shared_id, MANAGERS_ONLY, note="shared"),
    Try("restore_contacts", "POST", "/v1/contacts/restore", own_id, OWN_ONLY, note="own"),
    Try("tag_contacts", "POST", "/v1/contacts/tag", tag_shared, MANAGERS_ONLY, note="shared"),
    Try("tag_contacts", "POST", "/v1/contacts/tag", tag_own, OWN_ONLY, note="own"),
    Try("list_trash", "GET", "/v1/contacts/trash?kind=shared", None, MANAGERS_ONLY, note="shared"),
    Try("list_trash", "GET", "/v1/contacts/trash?kind=personal", None, OWN_ONLY, note="own"),
    Try("add_favourite", "PUT", "/v1/favourites/coworker/{ben}", None, OWN_ONLY),
    Try("add_favourite", "PUT", "/v1/favourites/contact/{others}", None, NEVER, 404, note="another's"),
    Try("remove_favourite", "DELETE", "/v1/favourites/coworker/{ben}", None, OWN_ONLY),
    Try("get_overlay", "GET", "/v1/overlays/{ben}"),
    Try("set_overlay", "PUT", "/v1/overlays/{ben}", lambda _: {"notes": "x"}, OWN_ONLY),
]  # fmt: skip
"""Each operation of contacts at least once: a test says which is missing."""
BULK_SHARED = {"delete_contacts shared", "restore_contacts shared", "tag_contacts shared"}


@dataclass
class World:
    """Ids that the requests are made with, and how the caller is known. `own` belongs to whoever asks."""

    shared: int
    own: int
    others: int
    foreign: int
    ben: UserId
    rev: int
    own_rev: int


class Doorman:
    """Knows callers by made-up tokens. Stands in for logins, which are not what this is about."""

    def __init__(self) -> None:
        self._callers: dict[str, Caller] = {}

    def token(self, caller: Caller) -> str:
        token = secrets.token_hex(8)
        self._callers[token] = caller
        return token

    async def caller_of(self, token: str) -> Caller:
        if token not in self._callers:
            raise NotLoggedIn("Not one of ours")
        return self._callers[token]


@pytest.fixture
def doorman() -> Doorman:
    return Doorman()


@pytest.fixture
async def http(pool: Pool, bus: RedisBus, doorman: Doorman) -> AsyncIterator[httpx2.AsyncClient]:
    served = operations(contact_service(pool, bus), people_lists(pool))
    application = make_application(make_routes(served, doorman), registry=CollectorRegistry())
    transport = httpx2.ASGITransport(app=application)
    async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield client


async def world_of(pool: Pool, company: Company, caller: UserId, ben: UserId) -> World:
    rivals = await Company.make(pool)
    fields = ContactFields(first_name="Nora", last_name="Lind")
    async with transaction(pool) as conn:
        shared = await add_contact_in_tx(conn, company.domain, fields)
        own = await add_contact_in_tx(conn, company.domain, fields, caller)
        others = await add_contact_in_tx(conn, company.domain, fields, ben)
        # An id that there is not in the company, so that what is found must have come through the wall.
        await conn.execute("UPDATE domains SET last_contact_id = 1000000 WHERE domain_id = $1", rivals.domain)
        foreign = await add_contact_in_tx(conn, rivals.domain, fields)
        revs = await conn.fetch(
            "SELECT rev FROM contacts WHERE domain_id = $1 AND contact_id = ANY($2) ORDER BY contact_id",
            company.domain,
            [shared, own],
        )
    return World(shared, own, others, foreign, ben, rev=revs[0]["rev"], own_rev=revs[1]["rev"])


def test_every_operation_of_contacts_is_tried(pool: Pool, bus: RedisBus) -> None:
    served = {each.name for each in operations(contact_service(pool, bus), people_lists(pool))}
    assert {each.operation for each in TRIES} == served


@pytest.mark.parametrize("scope", SCOPES, ids=lambda each: each.name.lower())
async def test_each_scope_may_do_what_its_row_says(
    pool: Pool, http: httpx2.AsyncClient, doorman: Doorman, scope: Scope
) -> None:
    company = await Company.make(pool, sites=["North", "South"])
    ben = await company.add("1002", site="South")
    for number, each in enumerate(TRIES):
        caller = company.caller(await company.add(str(2000 + number), scope=scope, site="North"))
        world = await world_of(pool, company, caller.user, ben)
        answer = await ask(http, doorman, caller, each, world)
        allowed = each.who in (ALWAYS, OWN_ONLY) or (each.who == MANAGERS_ONLY and scope in MANAGERS)
        assert (answer.status_code < 300) == allowed, (each.name, answer.status_code, answer.text)
        if not allowed:
            assert answer.status_code == each.refused, (each.name, answer.text)


@pytest.mark.parametrize(
    ("operator", "masked"),
    [(operator, masked) for operator, masked in product(sorted(MASKS), Scope) if masked < operator],
    ids=lambda each: each.name.lower(),
)
async def test_behind_a_mask_one_may_what_the_masked_user_may(
    pool: Pool, http: httpx2.AsyncClient, doorman: Doorman, operator: Scope, masked: Scope
) -> None:
    company = await Company.make(pool)
    ben = await company.add("1002")
    boss = await company.add("1003", scope=operator)
    for number, each in enumerate(TRIES):
        caller = company.caller(await company.add(str(2000 + number), scope=masked), operator=boss)
        world = await world_of(pool, company, caller.user, ben)
        answer = await ask(http, doorman, caller, each, world)
        allowed = (
            (each.who == ALWAYS and not (masked is Scope.NO_PORTAL and each.note == "shared"))
            or (each.who == OWN_ONLY and masked is not Scope.NO_PORTAL)
            or (each.who == MANAGERS_ONLY and masked in MANAGERS)
        )
        if masked is Scope.NO_PORTAL and each.name in BULK_SHARED:
            assert answer.json()["done"] == [], "what one may not even read is not there"
        else:
            assert (answer.status_code < 300) == allowed, (each.name, answer.status_code, answer.text)


@pytest.mark.parametrize("each", TRIES, ids=lambda each: each.name)
async def test_nobody_does_anything_without_being_logged_in(http: httpx2.AsyncClient, each: Try) -> None:
    path = each.path.format(shared=1, own=1, others=1, foreign=1, ben=1)
    answer = await http.request(each.method, path, headers={"Authorization": "Bearer nobody"})
    assert answer.status_code == 401


@pytest.mark.parametrize("scope", sorted(MANAGERS), ids=lambda each: each.name.lower())
async def test_shared_contacts_know_no_sites(
    pool: Pool, http: httpx2.AsyncClient, doorman: Doorman, scope: Scope
) -> None:
    company = await Company.make(pool, sites=["North", "South"])
    north = company.caller(await company.add("1001", scope=scope, site="North"))
    south = company.caller(await company.add("1002", scope=scope, site="South"))
    added = await http.post(
        "/v1/contacts",
        json={"first_name": "A", "last_name": "B", "shared": True},
        headers={"Authorization": f"Bearer {doorman.token(north)}"},
    )
    edited = await http.patch(
        f"/v1/contacts/{added.json()['contact']}",
        json={"rev": added.json()["rev"], "company": "X"},
        headers={"Authorization": f"Bearer {doorman.token(south)}"},
    )
    assert edited.status_code == 200


async def ask(http: httpx2.AsyncClient, doorman: Doorman, caller: Caller, each: Try, world: World) -> httpx2.Response:
    path = each.path.format(**vars(world))
    headers = {"Authorization": f"Bearer {doorman.token(caller)}"}
    return await http.request(each.method, path, headers=headers, json=each.body(world) if each.body else None)
