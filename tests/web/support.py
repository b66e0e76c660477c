"""A small service of its own for the tests of web/: operations of every kind, as a domain would list them."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct
from prometheus_client import CollectorRegistry
from starlette.applications import Starlette

from web.application import make_application
from web.health import metrics_route
from web.routes import make_routes
from wire.errors import Conflict, NotFound, NotLoggedIn, TooMany, Unavailable, WrongCredentials
from wire.identity import Caller, DomainId, Extension, Scope, SessionId, UserId
from wire.operations import Access, Answer, Ask, Cookie, Operation
from wire.records import Short

ALLOWED_ORIGIN = "https://portal.example"
TOKEN = "right-token"
ALICE = Caller(
    DomainId("acme.example"), UserId(7), Extension("1001"), Scope.BASIC_USER, SessionId("s-1"), operator=UserId(9)
)


class Inner(Struct, frozen=True, forbid_unknown_fields=True):
    count: Annotated[int, Meta(ge=0, le=9)]


class Note(Struct, frozen=True, forbid_unknown_fields=True):
    """A body with something of everything."""

    text: Short
    inner: Inner | None = None
    tags: list[Short] = []


class Filter(Struct, frozen=True, forbid_unknown_fields=True):
    limit: Annotated[int, Meta(ge=1, le=100)] = 50
    """Most items in the answer."""
    after: Short | None = None
    tag: list[Short] = []
    exact: bool = False


class Seen(Struct, frozen=True):
    """What a handler was given."""

    user: int | None
    bearer: str | None
    path: dict[str, str]
    query: Any
    body: Any
    address: str
    secure: bool
    headers: list[str]


class Tokens:
    """Knows one token."""

    async def caller_of(self, token: str) -> Caller:
        if token != TOKEN:
            raise NotLoggedIn("This session has ended")
        return ALICE


async def tell(ask: Ask) -> Seen:
    return Seen(
        user=ask.caller.user if ask.caller else None,
        bearer=ask.bearer,
        path=ask.path,
        query=ask.query,
        body=ask.body,
        address=ask.client.address,
        secure=ask.client.secure,
        headers=sorted(ask.headers),
    )


async def say_nothing(_ask: Ask) -> None:
    return None


async def log_in(_ask: Ask) -> Answer:
    return Answer(cookies=(Cookie("presence_session", TOKEN, max_age=60),))


async def log_out(_ask: Ask) -> Answer:
    return Answer(cookies=(Cookie("presence_session", None),))


async def make(_ask: Ask) -> Answer:
    return Answer(Inner(1), status=201, headers={"Location": "/v1/notes/1"})


async def fail(ask: Ask) -> None:
    failures = {
        "busy": TooMany("Slow down", retry_after=1.2),
        "taken": Conflict("It changed meanwhile", field="rev"),
        "missing": NotFound("There is no such note"),
        "password": WrongCredentials("The login or the password is wrong"),
        "store": Unavailable("The database does not answer", retry_after=0.1),
    }
    raise failures.get(ask.path["how"], RuntimeError("secret detail"))


OPERATIONS = [
    Operation("tell", "GET", "/v1/tell", "Tell what came", tell, query=Filter, returns=Seen, tag="notes"),
    Operation("read_note", "GET", "/v1/notes/{note}", "Read a note", tell, returns=Seen, tag="notes"),
    Operation("read_latest", "GET", "/v1/notes/latest", "Read the latest note", say_nothing, tag="notes"),
    Operation("write_note", "PUT", "/v1/notes/{note}", "Write a note", tell, body=Note, returns=Seen, body_bytes=2_000),
    Operation("delete_note", "DELETE", "/v1/notes/{note}", "Delete a note", say_nothing, errors=(404,), tag="notes"),
    Operation("make_note", "POST", "/v1/notes", "Make a note", make, body=Note, returns=Inner, status=201, tag="notes"),
    Operation("log_in", "POST", "/v1/login", "Log in", log_in, Access.PUBLIC),
    Operation("log_out", "POST", "/v1/logout", "Log out", log_out),
    Operation("ask_openly", "GET", "/v1/open", "For anybody", tell, Access.PUBLIC, returns=Seen),
    Operation("take", "POST", "/ingest/{source}", "Take a batch", tell, Access.SOURCE, body=Inner, returns=Seen),
    Operation("fail", "GET", "/v1/fail/{how}", "Fail in some way", fail, Access.PUBLIC),
]


def make_service(
    *,
    registry: CollectorRegistry | None = None,
    allowed_origins: tuple[str, ...] = (ALLOWED_ORIGIN,),
    public_url: str = "",
    metrics_token: str = "",
) -> Starlette:
    registry = registry or CollectorRegistry()
    routes = make_routes(OPERATIONS, Tokens(), allowed_origins=allowed_origins, public_url=public_url)
    return make_application(
        [*routes, metrics_route(registry, metrics_token)], registry=registry, allowed_origins=allowed_origins
    )


def body_of(content: bytes) -> dict[str, Any]:
    return msgspec.json.decode(content, type=dict[str, Any])
