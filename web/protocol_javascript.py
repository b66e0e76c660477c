"""The wire as JavaScript: JSDoc types of every message and body, the codes, and whether to come back after a goodbye.

The portal's modules import it; the TypeScript compiler checks them against it.
"""

import json
from collections.abc import Iterable, Sequence
from enum import Enum

from msgspec import Struct

from web.describing import (
    FieldDescription,
    StructDescription,
    attribute_docs,
    describe,
    describe_members,
    doc_of,
    named_types,
    reachable,
    script_name,
    type_in_script,
)
from web.documents import GENERATED
from wire import accounts, administration, audit, contacts, http, imports, security
from wire.codec import PROTOCOL_VERSION, Subprotocol
from wire.errors import CloseCode, ErrorCode
from wire.protocol import COMMANDS, EVENTS, REPLIES, REPLY_OF

_WIDTH = 120


def protocol_javascript() -> str:
    messages = [*COMMANDS, *REPLIES, *EVENTS]
    bodies = _structs_of_http()
    inside = reachable([*messages, *bodies])
    structs = [each for each in inside if issubclass(each, Struct)]
    enumerations = [each for each in inside if issubclass(each, Enum)]
    parts = [
        _comment(
            [GENERATED, "", "The language between client and server: types for the checker, codes for everybody."]
        ),
        _constants(),
        _names([*messages, *bodies, *structs]),
        *(_enumeration(each) for each in sorted(enumerations, key=_name_of)),
        *(_typedef(describe(each)) for each in [*sorted(structs, key=_name_of), *messages, *bodies]),
        _union("AnyCommand", COMMANDS),
        _union("AnyReply", REPLIES),
        _union("AnyEvent", EVENTS),
        _reply_table(),
    ]
    return "\n\n".join(parts) + "\n"


def _structs_of_http() -> list[type[Struct]]:
    """The bodies and queries of HTTP, in the order of the file."""
    modules = (http, accounts, administration, audit, contacts, imports, security)
    own = [
        each
        for module in modules
        for each in vars(module).values()
        if isinstance(each, type) and each.__module__ == module.__name__
    ]
    return [each for each in own if issubclass(each, Struct)]


def _constants() -> str:
    subprotocols = {each.name: each.value for each in Subprotocol}
    temporary = [each.value for each in ErrorCode if each.temporary]
    return "\n\n".join(
        [
            f"export const PROTOCOL_VERSION = {PROTOCOL_VERSION};",
            f"export const Subprotocol = Object.freeze({_literal(subprotocols)});",
            _code_object(ErrorCode),
            _code_object(CloseCode),
            f"""\
const TEMPORARY = new Set({json.dumps(temporary)});

/**
 * Whether the same command or request may succeed later without being changed.
 * @param {{string}} code an ErrorCode
 */
export function isTemporary(code) {{
  return TEMPORARY.has(code);
}}

/**
 * Whether to connect again after a connection ended with this code. The range decides, so that it also holds for codes
 * that are newer than this file.
 * @param {{number}} code
 */
export function shouldReconnect(code) {{
  return code < 4500 || code > 4999;
}}""",
        ]
    )


def _code_object(kind: type[Enum]) -> str:
    docs = attribute_docs(kind)
    lines = []
    for each in kind:
        if each.name in docs:
            lines.append(f"  /** {docs[each.name]} */")
        lines.append(f"  {each.name}: {json.dumps(each.value)},")
    members = "\n".join(lines)
    return f"{_comment([doc_of(kind)])}\nexport const {kind.__name__} = Object.freeze({{\n{members}\n}});"


def _literal(values: dict[str, str]) -> str:
    return "{ " + ", ".join(f"{name}: {json.dumps(value)}" for name, value in values.items()) + " }"


def _names(kinds: Iterable[type[Struct]]) -> str:
    found = {name: type_in_script(of) for name, of in named_types(kinds).items()}
    return "\n".join(f"/** @typedef {{{of}}} {name} */" for name, of in found.items())


def _enumeration(kind: type[Enum]) -> str:
    values = " | ".join(json.dumps(each.value) for each in describe_members(kind))
    doc = doc_of(kind)
    return _comment([*([doc] if doc else []), f"@typedef {{{values}}} {kind.__name__}"])


def _typedef(described: StructDescription) -> str:
    lines = [*([described.doc] if described.doc else []), f"@typedef {{object}} {script_name(described.name)}"]
    if described.tag:
        lines.append(f'@property {{"{described.tag}"}} {described.tag_field}')
    lines += [_property(described, each) for each in described.fields]
    return _comment(lines)


def _property(described: StructDescription, field: FieldDescription) -> str:
    may_be_absent = not field.is_required and (described.omits_defaults or described.is_input)
    name = f"[{field.name}]" if may_be_absent else field.name
    default = f"{field.default} if absent" if may_be_absent and field.default not in ("", "null") else ""
    notes = "; ".join(part.rstrip(".") for part in (default, field.limits, field.doc) if part)
    return f"@property {{{field.script}}} {name}{' ' if notes else ''}{notes}"


def _union(name: str, kinds: Sequence[type[Struct]]) -> str:
    return _comment([f"@typedef {{{' | '.join(each.__name__ for each in kinds)}}} {name}"])


def _reply_table() -> str:
    rows = [f"{describe(kind).tag}: {reply.__name__ if reply else 'null'}" for kind, reply in REPLY_OF.items()]
    doc = "The reply to each command, by the command's `op`."
    return _comment([doc, f"@typedef {{{{ {', '.join(rows)} }}}} ReplyTo"])


def _comment(paragraphs: Sequence[str]) -> str:
    """A JSDoc comment of whole paragraphs. A tag stays on one line, since not every reader joins two again."""
    lines = [line for text in paragraphs for line in _wrapped(text.replace("*/", "*\\/"))]
    if len(lines) == 1 and len(lines[0]) < _WIDTH - 7:
        return f"/** {lines[0]} */"
    return "\n".join(["/**", *(f" * {line}".rstrip() for line in lines), " */"])


def _wrapped(text: str) -> list[str]:
    if text.startswith("@") or "{" in text:
        return [text]
    lines = [""]
    for word in text.replace("\n\n", " \n ").split(" "):
        if word == "\n":
            lines += ["", ""]
        elif lines[-1] and len(lines[-1]) + len(word) + 4 > _WIDTH:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def _name_of(kind: type) -> str:
    return kind.__name__
