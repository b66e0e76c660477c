"""Operations as Starlette routes: who is asking, what is asked, the answer.

The only place where a cookie or a token becomes a caller on HTTP, and where a refusal becomes a problem document.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Protocol

import msgspec
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from structlog.contextvars import bind_contextvars

from web.decoding import BodyDecoder, ByteStream, QueryDecoder, path_parameters
from web.origins import OriginRule
from web.problems import refusal_response
from wire.errors import NotAllowed, NotLoggedIn, Refused
from wire.identity import Caller
from wire.operations import Access, Answer, Ask, Client, Content, Cookie, Operation
from words.languages import asked_for

SESSION_COOKIE = "presence_session"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})

_MOST_TOKEN = 4_096
_MOST_USER_AGENT = 512
_NOT_HANDED_ON = frozenset({"authorization", "cookie", "proxy-authorization"})


class Authenticator(Protocol):
    async def caller_of(self, token: str) -> Caller:
        """Whose session `token` is. Raises NotLoggedIn."""


class Administrators(Protocol):
    async def caller_of(self, token: str, domain: str | None) -> Caller:
        """Whose key `token` is, acting in `domain`; None: of no domain. Raises NotLoggedIn, NotAllowed, NotFound."""


@dataclass(frozen=True, slots=True)
class _Doorman:
    """Decides who is asking, before anything of the request is read."""

    authenticator: Authenticator
    administrators: Administrators | None
    origins: OriginRule
    always_secure: bool

    async def admit(self, access: Access, request: Request) -> Ask:
        """The beginnings of an Ask. Raises NotLoggedIn or NotAllowed."""
        ask = Ask(
            client=self._client_of(request),
            path=path_parameters(request),
            headers={name: value for name, value in request.headers.items() if name not in _NOT_HANDED_ON},
        )
        bearer = None if access is Access.PUBLIC else _bearer_of(request)
        if access is Access.SOURCE:
            return replace(ask, bearer=_required(bearer))
        if access is Access.ADMINISTRATOR:
            return await self._admit_administrator(ask, _required(bearer))
        if bearer is None and request.method not in SAFE_METHODS:
            self._check_origin(request, required=access is Access.USER)
        if access is Access.PUBLIC:
            return ask
        caller = await self.authenticator.caller_of(_required(bearer or request.cookies.get(SESSION_COOKIE)))
        bind_contextvars(domain=caller.domain, user=caller.user, session=caller.session)
        if caller.operator is not None:
            bind_contextvars(operator=caller.operator)
        return replace(ask, caller=msgspec.structs.replace(caller, address=ask.client.address))

    async def _admit_administrator(self, ask: Ask, token: str) -> Ask:
        assert self.administrators is not None
        caller = await self.administrators.caller_of(token, ask.path.get("domain"))
        bind_contextvars(domain=caller.domain, administration_key=caller.key)
        return replace(ask, caller=msgspec.structs.replace(caller, address=ask.client.address))

    def _check_origin(self, request: Request, *, required: bool) -> None:
        """A page of another site can make a browser send our cookie, or log its user in as somebody else."""
        origin, site = request.headers.get("origin"), request.headers.get("sec-fetch-site")
        if required and SESSION_COOKIE not in request.cookies:
            return  # there is nothing to misuse, and "log in" is the better answer
        if not required and origin is None and site is None:
            return
        # A cookie counts for pages of ours; to log in for a token, it may be an allowed one.
        may = self.origins.is_own if required else self.origins.allows
        if not may(origin, site=site, host=request.headers.get("host", ""), secure=_is_secure(request)):
            raise NotAllowed("This request comes from a page that may not act for you")

    def _client_of(self, request: Request) -> Client:
        return Client(
            address=request.client.host if request.client else "",
            user_agent=request.headers.get("user-agent", "")[:_MOST_USER_AGENT],
            secure=self.always_secure or _is_secure(request),
            language=asked_for(request.headers.get("accept-language", "")),
        )


class _Endpoint:
    """One operation, ready to be called."""

    def __init__(self, operation: Operation, doorman: _Doorman) -> None:
        self.operation = operation
        self._doorman = doorman
        self._body = BodyDecoder(operation.body, operation.body_bytes) if operation.body else None
        self._query = QueryDecoder(operation.query)

    async def respond(self, request: Request) -> Response:
        stream = ByteStream(request, self.operation.takes_bytes) if self.operation.takes_bytes else None
        try:
            ask = await self._doorman.admit(self.operation.access, request)
            if ask.caller is not None:
                ask.caller.check_may(self.operation.name)
            if self.operation.admit:
                ask = replace(ask, admitted=await self.operation.admit(ask))
            ask = replace(ask, cookies=_some(request.cookies, self.operation.cookies))
            query = self._query.decode(request.scope["query_string"])
            body = await self._body.read(request) if self._body else None
            chunks = await stream.begin() if stream else None
            result = await self.operation.handler(replace(ask, query=query, body=body, stream=chunks))
        except Refused as refused:
            bind_contextvars(refused=refused.code.value)
            if self.operation.on_refused:
                self.operation.on_refused(refused)
            if stream:
                await stream.drain()
            return refusal_response(refused)
        return _response_of(self.operation, result, secure=ask.client.secure)


def make_routes(
    operations: Iterable[Operation],
    authenticator: Authenticator,
    administrators: Administrators | None = None,
    *,
    allowed_origins: Collection[str] = (),
    public_url: str = "",
) -> list[Route]:
    """One route a path, literal paths before those with parameters. Raises ValueError if two operations collide.

    `public_url`: where people reach us; if it is https, every cookie is Secure. Which proxies are believed about a
    client's address and scheme is the server's matter (uvicorn's `forwarded_allow_ips`).
    """
    origins = OriginRule.of(public_url, allowed_origins)
    doorman = _Doorman(authenticator, administrators, origins, always_secure=public_url.lower().startswith("https://"))
    by_path: dict[str, dict[str, _Endpoint]] = {}
    for operation in _checked(list(operations)):
        by_path.setdefault(operation.path, {})[operation.method] = _Endpoint(operation, doorman)
    return [_route(path, by_path[path]) for path in sorted(by_path, key=_literal_first)]


def status_of(operation: Operation) -> int:
    """The status of success: 204 instead of 200 where there is nothing to say."""
    nothing_said = operation.returns is None and not operation.gives and operation.status == HTTPStatus.OK
    return HTTPStatus.NO_CONTENT if nothing_said else operation.status


def _route(path: str, endpoints: dict[str, _Endpoint]) -> Route:
    async def endpoint(request: Request) -> Response:
        method = "GET" if request.method == "HEAD" else request.method
        return await endpoints[method].respond(request)

    names = "|".join(endpoints[method].operation.name for method in sorted(endpoints))
    return Route(path, endpoint, methods=list(endpoints), name=names)


def _checked(operations: Sequence[Operation]) -> Sequence[Operation]:
    seen: set[object] = set()
    for each in operations:
        if each.method not in METHODS:
            raise ValueError(f"{each.name}: there is no method {each.method!r}")
        for key in (each.name, (each.method, each.path)):
            if key in seen:
                raise ValueError(f"two operations are {key}")
            seen.add(key)
    return operations


def _literal_first(path: str) -> list[tuple[bool, str]]:
    return [(part.startswith("{"), part) for part in path.split("/")]


def _some(cookies: Mapping[str, str], names: Collection[str]) -> dict[str, str]:
    return {name: cookies[name] for name in names if name in cookies}


def _required(token: str | None) -> str:
    if not token:
        raise NotLoggedIn("Log in first, or send Authorization: Bearer <token>")
    if len(token) > _MOST_TOKEN:
        raise NotLoggedIn("This is not a token of ours")
    return token


def _bearer_of(request: Request) -> str | None:
    given = request.headers.get("authorization")
    if given is None:
        return None
    scheme, _, token = given.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise NotLoggedIn("The Authorization header must read: Bearer <token>")
    return token.strip()


def _is_secure(request: Request) -> bool:
    return request.url.scheme == "https"


def _response_of(operation: Operation, result: Struct | Answer | None, *, secure: bool) -> Response:
    answer = result if isinstance(result, Answer) else Answer(body=result)
    status = answer.status or status_of(operation)
    if answer.content is not None:
        response = _streamed(answer.content, status, answer.headers)
    elif answer.body is None:
        response = Response(status_code=status, headers=answer.headers)
    else:
        response = Response(msgspec.json.encode(answer.body), status, answer.headers, "application/json")
    for cookie in answer.cookies:
        _set_cookie(response, cookie, secure=secure)
    return response


def _streamed(content: Content, status: int, headers: Mapping[str, str]) -> Response:
    length = {} if content.size is None else {"Content-Length": str(content.size)}
    response = StreamingResponse(content.stream, status, {**headers, **length})
    # Not by its parameter, which would add a charset to every text.
    response.headers["Content-Type"] = content.media_type
    return response


def _set_cookie(response: Response, cookie: Cookie, *, secure: bool) -> None:
    response.set_cookie(
        cookie.name,
        cookie.value or "",
        max_age=0 if cookie.value is None else cookie.max_age,
        secure=secure,
        httponly=True,
        samesite="lax",
    )
