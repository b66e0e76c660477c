"""The WebSocket protocol as a document: prose here, everything that can be counted from wire/."""

import json
from enum import Enum
from typing import cast

from msgspec import Struct

from web.describing import (
    FieldDescription,
    StructDescription,
    attribute_docs,
    describe,
    describe_members,
    doc_of,
    reachable,
)
from web.documents import Block, Code, Heading, Paragraph, Table, items_of
from wire.codec import PROTOCOL_VERSION, Subprotocol
from wire.errors import CloseCode, ErrorCode
from wire.limits import LIMITS, Limits
from wire.protocol import COMMANDS, EVENTS, REPLIES, REPLY_OF

_TYPES_TOLD_ELSEWHERE = frozenset({ErrorCode, Limits})


def protocol_document() -> list[Block]:
    return [
        Heading(1, "The WebSocket protocol"),
        Paragraph(f"Version {PROTOCOL_VERSION}. Everything live goes over one WebSocket: `/ws`."),
        *_connecting(),
        *_messages(),
        *_staying(),
        *_commands(),
        *_replies(),
        *_events(),
        *_types(),
        *_errors(),
        *_close_codes(),
        *_limits(),
    ]


def _connecting() -> list[Block]:
    return [
        Heading(2, "How to connect"),
        items_of(f"""
            Open `wss://<host>/ws` and offer one or both of the subprotocols below. Without one of them the connection
            is closed with {CloseCode.UNKNOWN_SUBPROTOCOL.value}.

            Send `connect` as the first command, within ten seconds. A browser is known by the session cookie of
            `POST /v1/login`, and the page must be one of ours. Everybody else puts a bearer `token`, or a single-use
            `ticket` of `POST /v1/tickets`, into `connect`; where a browser names the page's Origin, it must be ours or
            allowed. Nothing secret ever goes into the address.

            The first reply is `connected`. It tells who you are, what you may do, the limits, and the positions. Then
            come the snapshots, then whatever changes.
        """),
        Table(
            ["subprotocol", "frames"],
            [
                [f"`{Subprotocol.JSON.value}`", "text, JSON"],
                [f"`{Subprotocol.MSGPACK.value}`", "binary, MessagePack of the same messages"],
            ],
        ),
        Code(
            _lines(
                {"op": "connect", "id": 1, "token": "..."},
                {"op": "connected", "id": 1, "user": 7, "...": "..."},
                {"op": "presence_snapshot", "epoch": "...", "version": 41, "users": ["..."]},
                {"op": "set_dnd", "id": 2, "on": True},
                {"op": "presence_changed", "epoch": "...", "version": 42, "users": [{"user": 7, "...": "..."}]},
                {"op": "done", "id": 2},
            ),
            "json",
        ),
    ]


def _messages() -> list[Block]:
    return [
        Heading(2, "Messages"),
        items_of("""
            Every message is one object, one frame. `op` says what it is.

            A command may carry an `id` of your choosing; its reply carries the same. A message from us without an
            `id` is an event, or the reply to a command without one. Replies may come in another order than their
            commands.

            A command that is refused gets `failed` instead of its reply. It changed nothing, and the connection stays
            open.

            Unknown fields in a command are refused. Ignore fields and events that you do not know: new ones come
            without a new version.

            A field at its default is left out of replies and events. Times are Unix seconds where the type is a
            number, RFC 3339 in UTC where it is text.

            Whatever a command changes also comes as an event, to all connections of all whom it concerns and to the
            one that asked. Apply events, and take replies as receipts.
        """),
    ]


def _staying() -> list[Block]:
    return [
        Heading(2, "Staying up to date"),
        items_of("""
            Presence: keep `epoch` and `version` of the last presence event. Apply a record only if its `rev` is
            higher than that of the one you have. Bring both as `presence` in the next `connect`, on whichever gateway:
            you then get what changed since, or a snapshot if that is no longer known.

            Conversations: each counts its messages from 1 without gaps. Keep the last `seq` of each and bring them as
            `conversations`; what you missed comes as `messages_missed`. A gap in `seq` means that something was lost:
            ask with `get_messages`.

            Directory: keep `rev`. If `directory_changed` has a `since` beyond yours, or `connected` a `directory_rev`,
            read `GET /v1/directory` again. Where `connected` says that `listing_everybody` is false, there are too many
            to read: ask for the pages that somebody looks at (`GET /v1/people`) and for names with `get_coworkers`,
            keep those up to date by `directory_changed`, and ask for them anew when something was missed.

            The server sends `heartbeat` at least every `heartbeat_interval` seconds, with the position at which you
            are. Answer with `alive` unless you have sent something else. After two intervals of silence, either side
            takes the connection for dead.
        """),
    ]


def _commands() -> list[Block]:
    blocks: list[Block] = [Heading(2, "Commands")]
    for kind in COMMANDS:
        described = describe(kind)
        reply = REPLY_OF[kind]
        answer = f"Reply: `{describe(reply).tag}`." if reply else "No reply."
        blocks += [*_struct(described, described.tag, is_input=True), Paragraph(answer)]
    return blocks


def _replies() -> list[Block]:
    blocks: list[Block] = [Heading(2, "Replies")]
    for kind in REPLIES:
        described = describe(kind)
        blocks += _struct(described, described.tag, is_input=False)
    return blocks


def _events() -> list[Block]:
    blocks: list[Block] = [Heading(2, "Events")]
    for kind in EVENTS:
        described = describe(kind)
        blocks += _struct(described, described.tag, is_input=False)
    return blocks


def _types() -> list[Block]:
    blocks: list[Block] = [Heading(2, "Types")]
    for kind in sorted(reachable([*COMMANDS, *REPLIES, *EVENTS]), key=lambda kind: kind.__name__):
        if kind in _TYPES_TOLD_ELSEWHERE:
            continue
        if issubclass(kind, Struct):
            blocks += _struct(describe(kind), kind.__name__, is_input=True)
        elif issubclass(kind, Enum):
            blocks += enumeration_blocks(kind)
    return blocks


def _errors() -> list[Block]:
    docs = attribute_docs(ErrorCode)
    rows = [[f"`{each.value}`", "yes" if each.temporary else "no", docs.get(each.name, "")] for each in ErrorCode]
    return [
        Heading(2, "Error codes"),
        Paragraph("The `code` of a `failed`, and of a problem document on HTTP. Temporary: the same may work later."),
        Table(["code", "temporary", "meaning"], rows),
    ]


def _close_codes() -> list[Block]:
    docs = attribute_docs(CloseCode)
    rows = [
        [str(each.value), f"`{each.name}`", "yes" if each.should_reconnect else "no", docs.get(each.name, "")]
        for each in CloseCode
    ]
    return [
        Heading(2, "Close codes"),
        Paragraph(
            "4000 to 4499: connect again, after a random wait that grows. 4500 to 4999: do not. The same holds for "
            "codes of either range that you do not know. After any other code (1001, 1006, 1011, 1012) connect again."
        ),
        Table(["code", "name", "reconnect", "meaning"], rows),
    ]


def _limits() -> list[Block]:
    rows = [[f"`{each.name}`", _limit(getattr(LIMITS, each.name)), each.doc] for each in describe(Limits).fields]
    return [
        Heading(2, "Limits"),
        Paragraph("As told in `connected`; an operator may have set others. Lengths are in characters."),
        Table(["limit", "value", "meaning"], rows),
    ]


def _limit(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else " ".join(f"`{each}`" for each in cast("tuple[str, ...]", value))


def struct_table(described: StructDescription, *, is_input: bool) -> list[Block]:
    """The fields of a struct; nothing if there are none but `id`, which every command and reply has."""
    fields = [each for each in described.fields if not (described.tag and each.name == "id")]
    if not fields:
        return []
    return [Table(["field", "type", "default", "notes"], [_row(each, is_input=is_input) for each in fields])]


def enumeration_blocks(kind: type[Enum]) -> list[Block]:
    rows = [[f"`{each.value}`", each.doc] for each in describe_members(kind)]
    doc = doc_of(kind)
    return [Heading(3, kind.__name__), *([Paragraph(doc)] if doc else []), Table(["value", "meaning"], rows)]


def _struct(described: StructDescription, title: str, *, is_input: bool) -> list[Block]:
    doc: list[Block] = [Paragraph(described.doc)] if described.doc else []
    return [Heading(3, title), *doc, *struct_table(described, is_input=is_input)]


def _row(field: FieldDescription, *, is_input: bool) -> list[str]:
    needed = "required" if is_input else "always there"
    default = needed if field.is_required else f"`{field.default}`" if field.default else "may be left out"
    notes = ". ".join(part.rstrip(".") for part in (field.limits, field.doc) if part)
    return [f"`{field.name}`", field.words, default, notes]


def _lines(*messages: dict[str, object]) -> str:
    return "\n".join(json.dumps(each) for each in messages)
