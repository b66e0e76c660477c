"""Structs and enumerations of the wire as descriptions: names, types in words and in JSDoc, limits, defaults, docs.

What the documents and the generated JavaScript are made of, so that neither repeats the wire by hand.
"""

import ast
import inspect
import json
import textwrap
import types
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from functools import cache
from typing import Annotated, Any, Literal, NewType, Union, get_args, get_origin

import msgspec
from msgspec import NODEFAULT, UNSET, Meta, Struct, UnsetType

from wire.records import LINE, LINES

_SCRIPT_NAMES = {"Number": "PhoneNumber"}

_SCALARS: dict[object, tuple[str, str]] = {
    bool: ("boolean", "boolean"),
    int: ("integer", "number"),
    float: ("number", "number"),
    str: ("string", "string"),
    bytes: ("base64 string", "string"),
    datetime: ("RFC 3339 time", "string"),
    None: ("null", "null"),
    type(None): ("null", "null"),
    msgspec.Raw: ("anything", "unknown"),
    object: ("anything", "unknown"),
    Any: ("anything", "unknown"),
}


@dataclass(frozen=True, slots=True)
class FieldDescription:
    """`words` and `script` are the type for people and for JSDoc; `limits` and `default` may be empty."""

    name: str
    words: str
    script: str
    limits: str
    default: str
    is_required: bool
    doc: str


@dataclass(frozen=True, slots=True)
class StructDescription:
    """`tag` is the value of `tag_field`, which tells a message's kind; both are empty where there is no such thing."""

    name: str
    doc: str
    tag_field: str
    tag: str
    fields: tuple[FieldDescription, ...]
    omits_defaults: bool
    is_input: bool
    """Comes from a client: what such structs have in common is that they refuse unknown fields."""


@dataclass(frozen=True, slots=True)
class MemberDescription:
    name: str
    value: str | int
    doc: str


def describe(kind: type[Struct]) -> StructDescription:
    config = kind.__struct_config__
    docs = attribute_docs(kind)
    return StructDescription(
        name=kind.__name__,
        doc=doc_of(kind),
        tag_field=config.tag_field or "",
        tag=str(config.tag) if config.tag_field else "",
        fields=tuple(_describe_field(each, docs) for each in msgspec.structs.fields(kind)),
        omits_defaults=config.omit_defaults,
        is_input=config.forbid_unknown_fields,
    )


def describe_members(kind: type[Enum]) -> list[MemberDescription]:
    docs = attribute_docs(kind)
    return [MemberDescription(each.name, each.value, docs.get(each.name, "")) for each in kind]


def doc_of(kind: type) -> str:
    """The class's own docstring as one paragraph a paragraph, without line breaks. Empty if it has none of its own."""
    own = kind.__dict__.get("__doc__") or ""
    return _unwrapped(own)


@cache
def attribute_docs(kind: type) -> dict[str, str]:
    """What stands as a string below a field or member, in the class itself or in what it inherits from."""
    found: dict[str, str] = {}
    for each in reversed(kind.__mro__):
        if each.__module__.partition(".")[0] not in ("builtins", "enum", "msgspec"):
            found |= _docs_in_source(each)
    return found


def reachable(kinds: Iterable[type[Struct]]) -> list[type]:
    """Structs and enumerations that the fields of `kinds` mention, those themselves left out, each once and first
    what is mentioned first."""
    given = list(kinds)
    found: dict[type, None] = {}
    waiting = list(given)
    while waiting:
        kind = waiting.pop(0)
        for each in _mentioned(kind):
            if each not in found:
                found[each] = None
                if issubclass(each, Struct):
                    waiting.append(each)
    return [each for each in found if each not in given]


def named_types(kinds: Iterable[type[Struct]]) -> dict[str, object]:
    """The `NewType`s that fields of `kinds` use: name -> what it is made of. In the order of their names."""
    found: dict[str, object] = {}
    for kind in kinds:
        for each in msgspec.structs.fields(kind):
            found |= {new.__name__: new.__supertype__ for new in _walk(each.type) if isinstance(new, NewType)}
    return dict(sorted(found.items()))


def type_in_words(kind: Any) -> str:
    origin, arguments = get_origin(kind), get_args(kind)
    if isinstance(kind, NewType):
        return f"{type_in_words(kind.__supertype__)} ({kind.__name__})"
    if origin is Annotated:
        return type_in_words(arguments[0])
    if origin is Literal:
        return " or ".join(json.dumps(each) for each in arguments)
    if origin in (Union, types.UnionType):
        return " or ".join(type_in_words(each) for each in arguments if each is not UnsetType)
    if _is_list(origin, arguments):
        return f"list of {type_in_words(arguments[0])}"
    if origin is tuple:
        return f"[{', '.join(type_in_words(each) for each in arguments)}]"
    if origin is dict:
        return f"object of {type_in_words(arguments[0])} to {type_in_words(arguments[1])}"
    return _SCALARS[kind][0] if kind in _SCALARS else f"`{kind.__name__}`"


def script_name(name: str) -> str:
    """What a struct is called in JSDoc, where `Number` would be the language's own."""
    return _SCRIPT_NAMES.get(name, name)


def type_in_script(kind: Any) -> str:
    origin, arguments = get_origin(kind), get_args(kind)
    if isinstance(kind, NewType):
        return kind.__name__
    if origin is Annotated:
        return type_in_script(arguments[0])
    if origin is Literal:
        return " | ".join(json.dumps(each) for each in arguments)
    if origin in (Union, types.UnionType):
        return " | ".join(type_in_script(each) for each in arguments if each is not UnsetType)
    if origin is list or (origin is tuple and arguments[1:] == (...,)):
        element = type_in_script(arguments[0])
        return f"({element})[]" if " | " in element else f"{element}[]"
    if origin is tuple:
        return f"[{', '.join(type_in_script(each) for each in arguments)}]"
    if origin is dict:
        return f"Record<{type_in_script(arguments[0])}, {type_in_script(arguments[1])}>"
    return _SCALARS[kind][1] if kind in _SCALARS else script_name(str(kind.__name__))


def _is_list(origin: Any, arguments: tuple[Any, ...]) -> bool:
    return origin is list or (origin is tuple and arguments[1:] == (...,))


def limits_in_words(kind: Any) -> str:
    """Every limit anywhere in the type, from the outside in: `at most 200 items; 1 or more`."""
    said = [words for each in _walk(kind) if isinstance(each, _Limit) for words in each.in_words()]
    return "; ".join(dict.fromkeys(said))


@dataclass(frozen=True, slots=True)
class _Limit:
    meta: Meta
    of: Any

    def in_words(self) -> Iterator[str]:
        meta = self.meta
        if meta.ge is not None or meta.le is not None:
            yield _range(meta.ge, meta.le, "")
        if meta.min_length is not None or meta.max_length is not None:
            yield _range(meta.min_length, meta.max_length, _unit(self.of))
        if meta.pattern == LINE:
            yield "one line"
        elif meta.pattern is not None and meta.pattern != LINES:
            yield f"matches `{meta.pattern.replace('(?!' + chr(92) + 'n)$', '$')}`"


def _range(least: float | None, most: float | None, unit: str) -> str:
    tail = f" {unit}" if unit else ""
    if least is not None and most is not None:
        return f"{_grouped(least)} to {_grouped(most)}{tail}"
    return f"at most {_grouped(most)}{tail}" if most is not None else f"at least {_grouped(least)}{tail}"


def _grouped(number: float | None) -> str:
    return "2^53-1" if number == 2**53 - 1 else "2^31-1" if number == 2**31 - 1 else f"{number:,}"


def _unit(kind: Any) -> str:
    return {str: "characters", bytes: "bytes"}.get(kind, "items")


def _describe_field(field: msgspec.structs.FieldInfo, docs: dict[str, str]) -> FieldDescription:
    return FieldDescription(
        name=field.encode_name,
        words=type_in_words(field.type),
        script=type_in_script(field.type),
        limits=limits_in_words(field.type),
        default=_default_of(field),
        is_required=field.required,
        doc=docs.get(field.name, ""),
    )


def _default_of(field: msgspec.structs.FieldInfo) -> str:
    value = field.default
    if field.default_factory is not NODEFAULT:
        value = field.default_factory()
    if value in (NODEFAULT, UNSET):
        return ""
    return msgspec.json.encode(value).decode()


def _walk(kind: Any) -> Iterator[Any]:
    """The type and all that it is made of, from the outside in. Limits come as `_Limit`, before what they limit."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Annotated:
        inner, *notes = arguments
        yield from (_Limit(note, get_origin(inner) or inner) for note in notes if isinstance(note, Meta))
        yield from _walk(inner)
        return
    yield kind
    if origin is not Literal:  # its arguments are values
        for each in arguments:
            yield from _walk(each)


def _mentioned(kind: type) -> Iterator[type]:
    if not issubclass(kind, Struct):
        return
    for field in msgspec.structs.fields(kind):
        for each in _walk(field.type):
            if isinstance(each, type) and issubclass(each, (Struct, Enum)):
                yield each


def _docs_in_source(kind: type) -> dict[str, str]:
    try:
        source = textwrap.dedent(inspect.getsource(kind))
    except (OSError, TypeError):
        return {}
    body = ast.parse(source).body[0]
    if not isinstance(body, ast.ClassDef):
        return {}
    found = {}
    for statement, below in zip(body.body, body.body[1:], strict=False):
        name = _assigned_name(statement)
        if name and isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant):
            found[name] = _unwrapped(str(below.value.value))
    return found


def _assigned_name(statement: ast.stmt) -> str:
    if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
        return statement.target.id
    if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
        return statement.targets[0].id
    return ""


def _unwrapped(text: str) -> str:
    paragraphs = inspect.cleandoc(text).split("\n\n")
    return "\n\n".join(" ".join(each.split()) for each in paragraphs)
