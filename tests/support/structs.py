"""Hypothesis strategies for the wire's structs, made from their types and limits: whatever a struct allows can come."""

import re
import types
from collections.abc import Callable
from datetime import UTC, datetime
from enum import Enum
from typing import Annotated, Any, Literal, NewType, Union, get_args, get_origin

import msgspec
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from msgspec import UNSET, Meta, Struct, UnsetType

from wire.records import LINE, LINES

_MOST_ITEMS = 4
_MOST_CHARACTERS = 40
_JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
_TIMES = st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - gets UTC
_SCALARS: dict[object, SearchStrategy[Any]] = {
    bool: st.booleans(),
    bytes: st.binary(max_size=_MOST_CHARACTERS),
    float: st.floats(allow_nan=False, allow_infinity=False),
    type(None): st.none(),
    None: st.none(),
    UnsetType: st.just(UNSET),
    object: _JSON_VALUES,
    Any: _JSON_VALUES,
    msgspec.Raw: _JSON_VALUES.map(lambda value: msgspec.Raw(msgspec.json.encode(value))),
    datetime: _TIMES,
}


def structs_of(kind: type[Struct]) -> SearchStrategy[Any]:
    """Valid values of a struct; optional fields are sometimes at their default."""
    given = {field.name: _values_of(field.type) for field in msgspec.structs.fields(kind) if field.required}
    optional = {field.name: _values_of(field.type) for field in msgspec.structs.fields(kind) if not field.required}
    return st.fixed_dictionaries(given, optional=optional).map(lambda values: kind(**values))


def _values_of(kind: Any, meta: Meta | None = None) -> SearchStrategy[Any]:
    origin, arguments = get_origin(kind), get_args(kind)
    if isinstance(kind, NewType):
        return _values_of(kind.__supertype__, meta)
    if origin is Annotated:
        return _values_of(arguments[0], next(each for each in arguments[1:] if isinstance(each, Meta)))
    if origin in _CONTAINERS:
        return _CONTAINERS[origin](arguments, meta)
    if kind is int:
        return _integers(meta)
    if kind is str:
        return _texts(meta)
    if kind in _SCALARS:
        return _floats(meta) if kind is float else _SCALARS[kind]
    if issubclass(kind, Enum):
        return st.sampled_from(list(kind))
    return structs_of(kind)


def _union(arguments: tuple[Any, ...], _meta: Meta | None) -> SearchStrategy[Any]:
    return st.one_of([_values_of(each) for each in arguments])


def _list(arguments: tuple[Any, ...], meta: Meta | None) -> SearchStrategy[Any]:
    return st.lists(_values_of(arguments[0]), min_size=(meta and meta.min_length) or 0, max_size=_MOST_ITEMS)


def _dict(arguments: tuple[Any, ...], _meta: Meta | None) -> SearchStrategy[Any]:
    return st.dictionaries(_values_of(arguments[0]), _values_of(arguments[1]), max_size=_MOST_ITEMS)


def _tuple(arguments: tuple[Any, ...], _meta: Meta | None) -> SearchStrategy[Any]:
    if arguments[1:] == (...,):
        return st.lists(_values_of(arguments[0]), max_size=_MOST_ITEMS).map(tuple)
    return st.tuples(*(_values_of(each) for each in arguments))


def _literal(arguments: tuple[Any, ...], _meta: Meta | None) -> SearchStrategy[Any]:
    return st.sampled_from(arguments)


_CONTAINERS: dict[object, Callable[[tuple[Any, ...], Meta | None], SearchStrategy[Any]]] = {
    Union: _union,
    types.UnionType: _union,
    list: _list,
    dict: _dict,
    tuple: _tuple,
    Literal: _literal,
}


def _integers(meta: Meta | None) -> SearchStrategy[int]:
    least = int(meta.ge) if meta and meta.ge is not None else -(2**53)
    most = int(meta.le) if meta and meta.le is not None else 2**53
    return st.integers(least, most)


def _floats(meta: Meta | None) -> SearchStrategy[float]:
    return st.floats(meta and meta.ge, meta and meta.le, allow_nan=False, allow_infinity=False)


def _texts(meta: Meta | None) -> SearchStrategy[str]:
    least = (meta and meta.min_length) or 0
    most = max(least, min((meta and meta.max_length) or _MOST_CHARACTERS, _MOST_CHARACTERS))
    pattern = meta.pattern if meta else None
    if pattern is None or pattern == LINES:
        return st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=least, max_size=most)
    if pattern == LINE:
        return st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=least, max_size=most)
    alphabet = [character for character in map(chr, range(128)) if re.search(pattern, character * max(least, 1))]
    if alphabet:
        return st.text(st.sampled_from(alphabet), min_size=max(least, 1), max_size=most)
    whole = pattern.replace(r"(?!\n)$", r"\Z")
    return st.from_regex(whole).filter(lambda text: least <= len(text) <= ((meta and meta.max_length) or 2**20))
