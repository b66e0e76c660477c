"""An HTTP operation as data: what it takes, what it gives, who may call it.

Every domain lists its operations in `routes.py` as plain functions from structs to structs. `web/` turns the lists into
Starlette routes (authentication, decoding, problem details) and into the OpenAPI document, so that neither can differ
from the other, and no domain repeats them.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from msgspec import Struct

from wire.errors import Refused
from wire.identity import Caller


class Access(StrEnum):
    """How the caller of an operation is known."""

    PUBLIC = "public"
    USER = "user"
    """Session cookie (with the Origin checked on writes) or bearer token."""
    SOURCE = "source"
    """The bearer token of a telephone switch."""
    ADMINISTRATOR = "administrator"
    """The bearer token of an administration key; `{domain}` in the path is where the caller acts."""


@dataclass(frozen=True, slots=True)
class Client:
    """The other end of an HTTP request. `secure`: it came over TLS, here or at the proxy. `language`: the best one that
    we have of those it reads (a key of `words.languages.LANGUAGES`); empty: it has not said, or we have none."""

    address: str
    user_agent: str = ""
    secure: bool = False
    language: str = ""


@dataclass(frozen=True, slots=True)
class Ask:
    """One request, decoded. `body` and `query` are the structs the operation names; `path` holds path parameters.

    `caller` is set for Access.USER and Access.ADMINISTRATOR, `bearer` (the raw token) for Access.SOURCE, with what the
    operation's `admit` said.
    `stream` is there where bytes are taken.
    """

    client: Client
    path: dict[str, str] = field(default_factory=dict)
    query: Any = None
    body: Any = None
    caller: Caller | None = None
    bearer: str | None = None
    admitted: Any = None
    stream: AsyncIterator[bytes] | None = None
    cookies: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def user(self) -> Caller:
        """The caller of an operation for users or administrators; `web/` has made sure that there is one."""
        assert self.caller is not None
        return self.caller


@dataclass(frozen=True, slots=True)
class Cookie:
    """To set (`value`) or to clear (None). Always HttpOnly and SameSite=Lax; Secure when the request was."""

    name: str
    value: str | None
    max_age: int | None = None


@dataclass(frozen=True, slots=True)
class Content:
    """Bytes to be handed on as they come. `size`: how many, if that is known."""

    stream: AsyncIterator[bytes]
    media_type: str
    size: int | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a handler gives back if a plain struct is not enough. `content` instead of a body: not JSON."""

    body: Struct | None = None
    status: int | None = None
    cookies: tuple[Cookie, ...] = ()
    headers: dict[str, str] = field(default_factory=dict)
    content: Content | None = None


Handler = Callable[[Ask], Awaitable[Struct | Answer | None]]


@dataclass(frozen=True, slots=True)
class Operation:
    """One row of a domain's table of HTTP operations. `name` is the operationId; `errors` are the statuses to document.

    `body_bytes`: a larger body is refused with 413 before it is read. `others`: further statuses that come with a
    struct of their own instead of a problem document. `on_refused` hears of everything that is refused, also by `web/`
    before the handler is asked. `admit` is asked before the body is read: whom it refuses has nothing decoded.

    `takes_bytes`: the body is no JSON but bytes of whatever kind, at most as many, read as they come. `gives`: the
    media type of an answer that is no JSON. `cookies`: those that the handler gets to see; of a login none ever is.
    """

    name: str
    method: str
    path: str
    summary: str
    handler: Handler
    access: Access = Access.USER
    body: type[Struct] | None = None
    query: type[Struct] | None = None
    returns: type[Struct] | None = None
    status: int = 200
    errors: tuple[int, ...] = ()
    body_bytes: int = 65_536
    tag: str = ""
    others: Mapping[int, type[Struct]] = field(default_factory=dict)
    admit: Callable[[Ask], Awaitable[object]] | None = None
    on_refused: Callable[[Refused], None] | None = None
    takes_bytes: int = 0
    gives: str = ""
    cookies: tuple[str, ...] = ()
