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

from contacts.imports.routes import operations as import_operations
from contacts.imports.service import ImportService
from contacts.routes import operations
from storage.postgres.pool import Connection, Pool, transaction
from storage.postgres.provisioning import add_contact_in_tx
from storage.redis.bus import RedisBus
from tests.support.company import Company
from tests.support.contacts import contact_service, import_service, people_lists
from web.application import make_application
from web.routes import make_routes
from wire.contacts import ContactFields
from wire.errors import NotLoggedIn
from wire.identity import Caller, Scope, UserId
from wire.operations import Operation

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


def as_it_is(_: "World") -> object:
    return {}


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
    Try("upload_import", "POST", "/v1/contacts/imports?shared=true", None, MANAGERS_ONLY, note="shared"),
    Try("upload_import", "POST", "/v1/contacts/imports", None, OWN_ONLY, note="own"),
    Try("get_import", "GET", "/v1/contacts/imports/{shared_import}", None, MANAGERS_ONLY, note="shared"),
    Try("get_import", "GET", "/v1/contacts/imports/{own_import}", None, OWN_ONLY, note="own"),
    Try("get_import", "GET", "/v1/contacts/imports/{others_import}", None, NEVER, 404, note="another's"),
    Try("list_import_rows", "GET", "/v1/contacts/imports/{shared_import}/rows", None, MANAGERS_ONLY, note="shared"),
    Try("list_import_rows", "GET", "/v1/contacts/imports/{others_import}/rows", None, NEVER, 404, note="another's"),
    Try("correct_import", "POST", "/v1/contacts/imports/{shared_import}/read", as_it_is, MANAGERS_ONLY, note="shared"),
    Try("correct_import", "POST", "/v1/contacts/imports/{others_import}/read", as_it_is, NEVER, 404, note="another's"),
    Try("apply_import", "POST", "/v1/contacts/imports/{shared_import}/apply", None, MANAGERS_ONLY, note="shared"),
    Try("apply_import", "POST", "/v1/contacts/imports/{own_import}/apply", None, OWN_ONLY, note="own"),
    Try("apply_import", "POST", "/v1/contacts/imports/{others_import}/apply", None, NEVER, 404, note="another's"),
    Try("undo_import", "POST", "/v1/contacts/imports/{applied_import}/undo", None, MANAGERS_ONLY, note="shared"),
    Try("undo_import", "POST", "/v1/contacts/imports/{others_import}/undo", None, NEVER, 404, note="another's"),
    Try("discard_import", "DELETE", "/v1/contacts/imports/{shared_import}", None, MANAGERS_ONLY, note="shared"),
    Try("discard_import", "DELETE", "/v1/contacts/imports/{others_import}", None, NEVER, 404, note="another's"),
    Try("export_contacts", "GET", "/v1/contacts/export?group=mine"),
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
    shared_import: str = "x"
    own_import: str = "x"
    others_import: str = "x"
    applied_import: str = "x"


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
    imports = import_service(pool, bus)
    served = served_by(pool, bus, imports)
    application = make_application(make_routes(served, doorman), registry=CollectorRegistry())
    transport = httpx2.ASGITransport(app=application)
    async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield client
    await imports.close()


def served_by(pool: Pool, bus: RedisBus, imports: ImportService) -> list[Operation]:
    lists = people_lists(pool)
    return [*operations(contact_service(pool, bus), lists), *import_operations(imports, lists)]


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
        made = {
            "shared_import": await _add_import(conn, company, caller, 0, "ready"),
            "own_import": await _add_import(conn, company, caller, caller, "ready"),
            "others_import": await _add_import(conn, company, ben, 0, "ready"),
            "applied_import": await _add_import(conn, company, caller, 0, "applied"),
        }
    return World(shared, own, others, foreign, ben, rev=revs[0]["rev"], own_rev=revs[1]["rev"], **made)


async def _add_import(conn: Connection, company: Company, user: UserId, book: int, status: str) -> str:
    """One without rows: what becomes of rows is not what this is about."""
    import_id = secrets.token_hex(8)
    await conn.execute(
        "INSERT INTO contact_imports (domain_id, import_id, book_id, user_id, status, created_at, changed_at) "
        "VALUES ($1, $2, $3, $4, $5, now(), now())",
        company.domain,
        import_id,
        book,
        user,
        status,
    )
    return import_id


def test_every_operation_of_contacts_is_tried(pool: Pool, bus: RedisBus) -> None:
    served = {each.name for each in served_by(pool, bus, import_service(pool, bus))}
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
    path = each.path.format(**vars(World(1, 1, 1, 1, UserId(1), 1, 1)))
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
    file = b"BEGIN:VCARD\nFN:A B\nEND:VCARD\n" if each.operation == "upload_import" else None
    body = each.body(world) if each.body else None
    return await http.request(each.method, path, headers=headers, json=body, content=file)
