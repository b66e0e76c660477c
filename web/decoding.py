"""From an HTTP request's bytes to structs: bodies, query strings and path parameters.

Raises `Refused` for everything that a client can get wrong, with the field, and ClientDisconnect if it has gone.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from msgspec import Struct
from msgspec.inspect import CollectionType, UnionType
from starlette.requests import ClientDisconnect, Request

from web.problems import NOTHING_HERE, HttpRefused
from wire.codec import invalid_of
from wire.errors import Invalid, Malformed, NotFound, Refused, TooLarge

BODY_SECONDS = 30
"""A body that takes longer to arrive is given up: a slow sender must not hold a request for ever."""

STREAM_SECONDS = 900
"""All of a stream of bytes: enough for a poor line, and an end for whoever sends a byte now and then."""

_MOST_PARAMETERS = 100
_DRAINED_BYTES = 8 * 1_048_576
_DRAIN_SECONDS = 2


class BodyDecoder:
    """Reads and decodes the bodies of one operation. Built once; `most` is in bytes."""

    def __init__(self, kind: type[Struct], most: int) -> None:
        self._decode: Callable[[bytes], Struct] = msgspec.json.Decoder(kind).decode
        self._most = most

    async def read(self, request: Request) -> Struct:
        _require_json(request)
        try:
            async with asyncio.timeout(BODY_SECONDS):
                body = await self._read_bytes(request)
        except TimeoutError as error:
            raise HttpRefused(HTTPStatus.REQUEST_TIMEOUT, "The body did not arrive in time") from error
        if not body:
            raise Malformed("This needs a JSON object as its body")
        try:
            return self._decode(body)
        except msgspec.ValidationError as error:
            raise invalid_of(error) from error
        except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
            raise Malformed(f"The body is not readable JSON: {error}") from error

    async def _read_bytes(self, request: Request) -> bytes:
        declared = request.headers.get("content-length", "")
        if declared.isdigit() and int(declared) > self._most:
            # Who waits for our word before sending (Expect: 100-continue) gets it; others are heard out, see _drain.
            if "expect" not in request.headers:
                await _drain(request)
            raise self._too_large()
        body = bytearray()
        more = True
        while more:
            chunk, more = await _next_chunk(request)
            if len(body) + len(chunk) > self._most:
                if more:
                    await _drain(request)
                raise self._too_large()
            body += chunk
        return bytes(body)

    def _too_large(self) -> Refused:
        return TooLarge(f"The body is larger than {self._most} bytes")


async def _next_chunk(request: Request) -> tuple[bytes, bool]:
    message = await request.receive()
    if message["type"] != "http.request":
        raise ClientDisconnect
    return message.get("body", b""), message.get("more_body", False)


async def _drain(request: Request) -> None:
    """Lets a sender finish, keeping nothing: one that is cut off while it sends never sees our answer."""
    left, more = _DRAINED_BYTES, True
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_DRAIN_SECONDS):
            while more and left > 0:
                chunk, more = await _next_chunk(request)
                left -= len(chunk)


class ByteStream:
    """The body of a request as bytes, as they come. `most` in bytes."""

    def __init__(self, request: Request, most: int) -> None:
        self._request = request
        self._most = most
        self._is_over = False

    async def begin(self) -> AsyncIterator[bytes]:
        """Raises `TooLarge` at once if the client says that more will come, and else in the midst of it."""
        _refuse_compressed(self._request)
        declared = self._request.headers.get("content-length", "")
        if declared.isdigit() and int(declared) > self._most:
            raise self._too_large()
        return self._chunks()

    async def drain(self) -> None:
        """Hears a refused sender out, unless it waits for our word before sending."""
        if not self._is_over and "expect" not in self._request.headers:
            await _drain(self._request)

    async def _chunks(self) -> AsyncIterator[bytes]:
        left, end = self._most, asyncio.get_running_loop().time() + STREAM_SECONDS
        while not self._is_over:
            try:
                async with asyncio.timeout_at(min(end, asyncio.get_running_loop().time() + BODY_SECONDS)):
                    chunk, more = await _next_chunk(self._request)
            except TimeoutError as error:
                self._is_over = True
                raise HttpRefused(HTTPStatus.REQUEST_TIMEOUT, "The body did not arrive in time") from error
            self._is_over = not more
            left -= len(chunk)
            if left < 0:
                raise self._too_large()
            yield chunk

    def _too_large(self) -> Refused:
        return TooLarge(f"The body is larger than {self._most} bytes")


class QueryDecoder:
    """Decodes the query strings of one operation into its struct, or refuses any parameter if there is none.

    Of a struct that does not forbid unknown fields, what it does not know is left: somebody else writes that query.
    """

    def __init__(self, kind: type[Struct] | None) -> None:
        self._kind = kind
        self._known = frozenset(each.encode_name for each in msgspec.structs.fields(kind)) if kind else frozenset[str]()
        self._lists = _list_fields(kind) if kind else frozenset[str]()
        self._leaves_others = kind is not None and not kind.__struct_config__.forbid_unknown_fields

    def decode(self, query: bytes) -> Struct | None:
        values = self._collect(query)
        if self._kind is None:
            return None
        try:
            return msgspec.convert(values, self._kind, strict=False)
        except msgspec.ValidationError as error:
            raise invalid_of(error) from error

    def _collect(self, query: bytes) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for name, value in _pairs(query):
            if name not in self._known and self._leaves_others:
                continue
            if name not in self._known:
                raise Invalid(f"There is no parameter `{name[:64]}`", field=name[:64])
            if name in self._lists:
                values.setdefault(name, []).append(value)
            elif name in values:
                raise Invalid(f"`{name}` is given twice", field=name)
            else:
                values[name] = value
        return values


def path_parameters(request: Request) -> dict[str, str]:
    """Nothing is named with control characters, and PostgreSQL cannot even be asked for a NUL."""
    found: dict[str, str] = {name: str(value) for name, value in request.path_params.items()}
    if any(not value.isprintable() for value in found.values()):
        raise NotFound(NOTHING_HERE)
    return found


def _pairs(query: bytes) -> list[tuple[str, str]]:
    if not query:
        return []
    try:
        text = query.decode("ascii")
        return parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=_MOST_PARAMETERS)
    except ValueError as error:  # UnicodeDecodeError is one
        raise Malformed("The query string is not readable") from error


def _refuse_compressed(request: Request) -> None:
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise HttpRefused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Compressed bodies are not taken")


def _require_json(request: Request) -> None:
    _refuse_compressed(request)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json" and not (kind.startswith("application/") and kind.endswith("+json")):
        raise HttpRefused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "The body must be JSON: Content-Type: application/json")


def _list_fields(kind: type[Struct]) -> frozenset[str]:
    described = msgspec.inspect.type_info(kind)
    fields = getattr(described, "fields", ())
    return frozenset(each.encode_name for each in fields if _is_list(each.type))


def _is_list(kind: msgspec.inspect.Type) -> bool:
    if isinstance(kind, UnionType):
        return any(_is_list(each) for each in kind.types)
    return isinstance(kind, CollectionType)
