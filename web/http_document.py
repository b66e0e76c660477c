"""The HTTP interface as a document, from the same operations that serve it."""

from collections.abc import Iterable, Sequence
from enum import Enum
from http import HTTPStatus

from msgspec import Struct

from web.describing import describe, reachable
from web.documents import Block, Heading, Paragraph, Table, items_of
from web.problems import HTTP_CODES, STATUS_OF, title_of
from web.protocol_document import enumeration_blocks, struct_table
from web.routes import SESSION_COOKIE, status_of
from wire.errors import ErrorCode
from wire.http import Problem
from wire.operations import Access, Operation

_ACCESS = {
    Access.PUBLIC: "Anybody may ask.",
    Access.USER: "For whoever is logged in.",
    Access.SOURCE: "For a telephone switch, with its bearer token.",
    Access.ADMINISTRATOR: "For whoever runs the service, with an administration key.",
}


def http_document(operations: Sequence[Operation]) -> list[Block]:
    ordered = sorted(operations, key=lambda each: (each.tag, each.path, each.method))
    return [
        Heading(1, "The HTTP interface"),
        Paragraph("The same as a machine reads it: `/openapi.json`. Everything live is on the WebSocket instead."),
        *_rules(),
        Heading(2, "Operations"),
        Table(
            ["operation", "", "who"],
            [[f"`{each.method} {each.path}`", each.summary, each.access.value] for each in ordered],
        ),
        *(block for each in ordered for block in _operation(each)),
        *_metrics(),
        *_types(ordered),
        *_errors(),
    ]


def _rules() -> list[Block]:
    return [
        Heading(2, "Rules for all of them"),
        items_of(f"""
            Who is asking: a browser sends the cookie `{SESSION_COOKIE}` that it got from `POST /v1/login`; everybody
            else sends `Authorization: Bearer <token>`, with a token from the same operation (`"bearer": true`). If
            both are there, the token counts.

            A request that changes something and comes with the cookie must come from a page of ours (Origin or
            Sec-Fetch-Site); else it is refused with 403. Pages of allowed origins bring a token, and never the cookie.

            Bodies are JSON, `Content-Type: application/json`. Unknown fields and unknown query parameters are
            refused. Answers are JSON too, and are not to be cached.

            What goes wrong is told as a problem document (RFC 9457, `application/problem+json`): `code` for
            programs, `detail` for people, `field` names the wrong input by its path. `Retry-After` and
            `retry_after` are in seconds.

            Every answer has an `X-Request-ID`. Send one of your own (1 to 128 of letters, digits and `._:-`) and it
            is taken over, into our logs as well.

            Lists come in pages: `?limit=50&after=<next of the last page>`. `next` is opaque, and null on the last
            page.

            Ignore fields that you do not know: new ones come without a new version. What breaks you gets a new path
            (`/v2`).
        """),
    ]


def _operation(operation: Operation) -> list[Block]:
    blocks: list[Block] = [
        Heading(3, f"{operation.method} {operation.path}"),
        Paragraph(f"{operation.summary.rstrip('.')}. {_ACCESS[operation.access]} (`{operation.name}`)"),
    ]
    for title, kind in (("Query", operation.query), ("Body", operation.body)):
        if kind:
            described = describe(kind)
            doc = f": {described.doc}" if described.doc else ""
            blocks += [Paragraph(f"{title}, `{kind.__name__}`{doc}"), *struct_table(described, is_input=True)]
    if operation.takes_bytes:
        blocks.append(Paragraph(f"Body: the bytes themselves, at most {operation.takes_bytes:,}, of any content type."))
    blocks.append(Paragraph(_answer(operation)))
    return blocks


def _answer(operation: Operation) -> str:
    status = status_of(operation)
    given = f" with a `{operation.returns.__name__}`" if operation.returns else ""
    given = f" with {operation.gives}" if operation.gives else given
    answer = f"Answers {status}{given}."
    errors = ", ".join(str(each) for each in sorted(operation.errors) if each != status)
    return f"{answer} May be refused with {errors}." if errors else answer


def _metrics() -> list[Block]:
    text = "Measurements in Prometheus' text format. With the metrics token, or from the same machine if none is set."
    return [Heading(3, "GET /metrics"), Paragraph(text)]


def _types(operations: Iterable[Operation]) -> list[Block]:
    given = {kind for each in operations for kind in (each.body, each.query) if kind}
    answers = {each.returns for each in operations if each.returns} | {Problem}
    inside = reachable([*sorted(given | answers, key=_name_of)])
    blocks: list[Block] = [Heading(2, "Types")]
    for kind in sorted({*answers, *inside} - given, key=_name_of):
        if issubclass(kind, Struct):
            described = describe(kind)
            doc: list[Block] = [Paragraph(described.doc)] if described.doc else []
            blocks += [Heading(3, kind.__name__), *doc, *struct_table(described, is_input=False)]
        elif issubclass(kind, Enum):
            blocks += enumeration_blocks(kind)
    return blocks


def _errors() -> list[Block]:
    rows = [[str(int(STATUS_OF[each])), f"`{each.value}`", title_of(STATUS_OF[each])] for each in ErrorCode]
    own = {status: code for status, code in HTTP_CODES.items() if not isinstance(code, ErrorCode)}
    rows += [[str(int(status)), f"`{code}`", HTTPStatus(status).phrase] for status, code in own.items()]
    return [
        Heading(2, "Errors"),
        Paragraph("What each code means is told in `/docs/protocol`; the last ones exist on HTTP only."),
        Table(["status", "code", ""], rows),
    ]


def _name_of(kind: type) -> str:
    return kind.__name__
