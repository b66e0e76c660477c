"""The OpenAPI 3.1 document of the HTTP interface, from the same operations and structs that serve it."""

import copy
import re
from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import Any

import msgspec
from msgspec import Struct

from web.describing import attribute_docs, reachable
from web.problems import MEDIA_TYPE, title_of
from web.routes import SESSION_COOKIE, status_of
from wire.http import Problem
from wire.operations import Access, Operation

Json = dict[str, Any]

_REFERENCE = "#/components/schemas/{name}"
_PARAMETER = re.compile(r"{([A-Za-z_]\w*)(?::\w+)?}")
_DESCRIPTION = """\
Presence, chat and contacts beside a hosted telephone system. Everything live goes over the WebSocket at `/ws`, which \
`/docs/protocol` describes.

Errors are problem documents (RFC 9457) with a `code` for programs, a `detail` for people, and the `field` that is \
wrong. Every answer carries an `X-Request-ID`; send your own to find a request again in the logs. Lists are paged by \
an opaque cursor: pass `next` as `after`."""

_SECURITY: dict[Access, list[Json]] = {
    Access.PUBLIC: [],
    Access.USER: [{"session": []}, {"bearer": []}],
    Access.SOURCE: [{"source": []}],
    Access.ADMINISTRATOR: [{"administration": []}],
}
_SECURITY_SCHEMES: Json = {
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": SESSION_COOKIE,
        "description": "A login in a browser. Requests that change something must come from a page of ours.",
    },
    "bearer": {"type": "http", "scheme": "bearer", "description": "A login of a softphone or script."},
    "source": {"type": "http", "scheme": "bearer", "description": "The token of a telephone switch."},
    "administration": {"type": "http", "scheme": "bearer", "description": "The token of an administration key."},
}
_METRICS: Json = {
    "get": {
        "operationId": "metrics",
        "tags": ["probes"],
        "summary": "Measurements in Prometheus' text format",
        "description": "Needs the metrics token if one is set; without one it is shown to the same machine only.",
        "security": [{"metrics": []}, {}],
        "responses": {"200": {"description": "OK", "content": {"text/plain": {"schema": {"type": "string"}}}}},
    }
}
_ANYTHING = "*/*"
_BYTES: Json = {"schema": {"type": "string", "format": "binary"}}
_PROBLEM: Json = {"$ref": "#/components/responses/Problem"}
_METRICS_SCHEME: Json = {"type": "http", "scheme": "bearer", "description": "PRESENCE_METRICS_TOKEN"}


def openapi_document(operations: Sequence[Operation], version: str) -> Json:
    """`operations`: all of them, in any order; the document comes out the same."""
    ordered = sorted(operations, key=lambda each: (each.path, each.method))
    paths: Json = {"/metrics": _METRICS}
    for operation in ordered:
        paths.setdefault(_plain_path(operation.path), {})[operation.method.lower()] = _operation(operation)
    document = {
        "openapi": "3.1.0",
        "info": {
            "title": "Presence gateway",
            "version": version,
            "description": _DESCRIPTION,
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "tags": [{"name": each} for each in sorted({each.tag for each in ordered if each.tag} | {"probes"})],
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": _schemas(ordered),
            "responses": {"Problem": _problem_response()},
            "securitySchemes": {**_SECURITY_SCHEMES, "metrics": _METRICS_SCHEME},
        },
    }
    # Defaults are Python values, tuples and enumerations among them; a document has none of those.
    return msgspec.json.decode(msgspec.json.encode(document), type=Json)


def _operation(operation: Operation) -> Json:
    found: Json = {
        "operationId": operation.name,
        **({"tags": [operation.tag]} if operation.tag else {}),
        "summary": operation.summary,
        "security": _SECURITY[operation.access],
        "parameters": [*_path_parameters(operation.path), *_query_parameters(operation.query)],
        "responses": _responses(operation),
    }
    if operation.body:
        content = {"application/json": {"schema": _reference(operation.body)}}
        found["requestBody"] = {"required": True, "content": content}
    if operation.takes_bytes:
        found["requestBody"] = {"required": True, "content": {_ANYTHING: _BYTES}}
    return found


def _responses(operation: Operation) -> Json:
    status = status_of(operation)
    success: Json = {"description": HTTPStatus(status).phrase}
    if operation.returns:
        success = _json_response(HTTPStatus(status).phrase, operation.returns)
    if operation.gives:
        success["content"] = {operation.gives: _BYTES}
    problems = {str(each): {**_PROBLEM, "description": title_of(each)} for each in _problem_statuses(operation)}
    others = {str(int(each)): _json_response(title_of(each), kind) for each, kind in operation.others.items()}
    return {str(status): success, **problems, **others, "default": _PROBLEM}


def _problem_statuses(operation: Operation) -> list[int]:
    """What an operation names, and what every operation of its kind can answer before it is even asked."""
    found = set(operation.errors)
    if operation.access is not Access.PUBLIC:
        found.add(HTTPStatus.UNAUTHORIZED)
    if operation.method != "GET" and operation.access is not Access.SOURCE:
        found.add(HTTPStatus.FORBIDDEN)
    if operation.body:
        found |= {
            HTTPStatus.BAD_REQUEST,
            HTTPStatus.REQUEST_TIMEOUT,
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        }
    if operation.takes_bytes:
        found |= {
            HTTPStatus.REQUEST_TIMEOUT,
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        }
    if operation.body or operation.query:
        found.add(HTTPStatus.UNPROCESSABLE_ENTITY)
    found.discard(status_of(operation))
    return sorted(int(each) for each in found)


def _problem_response() -> Json:
    schema = {"schema": _reference(Problem)}
    return {"description": "What went wrong, as a problem document", "content": {MEDIA_TYPE: schema}}


def _json_response(description: str, kind: type[Struct]) -> Json:
    return {"description": description, "content": {"application/json": {"schema": _reference(kind)}}}


def _path_parameters(path: str) -> list[Json]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in _PARAMETER.findall(path)
    ]


def _query_parameters(kind: type[Struct] | None) -> list[Json]:
    if kind is None:
        return []
    schema = _component_schemas([kind])[kind.__name__]
    required = schema.get("required", [])
    return [_query_parameter(name, each, name in required) for name, each in schema["properties"].items()]


def _query_parameter(name: str, schema: Json, is_required: bool) -> Json:
    described = {"description": schema.pop("description")} if "description" in schema else {}
    return {"name": name, "in": "query", "required": is_required, "schema": _without_null(schema), **described}


def _without_null(schema: Json) -> Json:
    """In a query a parameter is there or not; there is no way to write null."""
    choices = [each for each in schema.get("anyOf", []) if each != {"type": "null"}]
    kept = {name: value for name, value in schema.items() if name != "anyOf" and (name, value) != ("default", None)}
    if not choices:
        return kept
    return {**choices[0], **kept} if len(choices) == 1 else {"anyOf": choices, **kept}


def _schemas(operations: Iterable[Operation]) -> Json:
    # Queries are told as parameters, where they are used.
    kinds: dict[type[Struct], None] = {Problem: None}
    for each in operations:
        kinds |= {kind: None for kind in (each.body, each.returns, *each.others.values()) if kind}
    return dict(sorted(_component_schemas(list(kinds)).items()))


def _component_schemas(kinds: Sequence[type[Struct]]) -> Json:
    _, found = msgspec.json.schema_components(kinds, ref_template=_REFERENCE)
    schemas = copy.deepcopy(found)
    for kind in _with_nested(kinds):
        _describe_properties(schemas[kind.__name__], kind)
    return schemas


def _with_nested(kinds: Sequence[type[Struct]]) -> list[type[Struct]]:
    return [*kinds, *(each for each in reachable(kinds) if issubclass(each, Struct))]


def _describe_properties(schema: Json, kind: type[Struct]) -> None:
    """msgspec knows a struct's docstring; those of its fields stand in the source only."""
    docs = attribute_docs(kind)
    for field in msgspec.structs.fields(kind):
        if field.name in docs:
            schema["properties"][field.encode_name]["description"] = docs[field.name]


def _reference(kind: type[Struct]) -> Json:
    return {"$ref": _REFERENCE.format(name=kind.__name__)}


def _plain_path(path: str) -> str:
    return _PARAMETER.sub(r"{\1}", path)
