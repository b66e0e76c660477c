"""What stands before the colon of a vCard line: group, name and parameters, in every dialect.

The same few heads come again in every card, so a file's reader keeps what it made of each.
"""

import binascii
import re
from collections.abc import Callable

from msgspec import Struct

from contacts.codecs.labels import label_of_types

_HEAD = re.compile(r"(?:(?P<group>[\w-]+)\.)?(?P<name>[A-Za-z][\w-]*)(?:;(?P<parameters>.*))?", re.DOTALL)
_QUOTED_HEAD = re.compile(r'(?:[^":\\]|\\.|"(?:[^"\\]|\\.)*")*')
"""Up to the first colon outside of quotation marks; backslashes before quotation marks are what some programs write."""
_PARAMETER = re.compile(r';?((?:[^";\\]|\\.|"(?:[^"\\]|\\.)*"|")*)')
_CUSTOM = re.compile(r"X-CUSTOM\((?:[A-Z-]+=[\w-]+,)*(.*?)\)?", re.IGNORECASE)
"""`X-CUSTOM(CHARSET=UTF-8,ENCODING=QUOTED-PRINTABLE,=D0=94)`: how older Androids write a label of a person's own."""
_ENCODINGS = frozenset({"quoted-printable", "base64", "b", "8bit", "7bit"})
_MOST = 1_000
"""Heads that are kept. A file of nothing but different heads is no reason to grow."""


NO_PREFERENCE = 101
"""After everything that says how much it is preferred, which is from 1 to 100."""


class Head(Struct):
    """`types`: every TYPE, and bare parameters of vCard 2.1, in lower case. `encoding`: `qp`, `b` or empty."""

    name: str
    group: str
    types: tuple[str, ...] = ()
    label_of_types: str = ""
    encoding: str = ""
    charset: str = ""
    label: str = ""
    """X-LABEL or X-ABLABEL: what a person called it."""
    preference: int = NO_PREFERENCE
    """Lower comes first: `PREF=1`, `TYPE=PREF`."""
    printed: str = ""
    """LABEL of an address: all of it as it is printed on an envelope."""


class Heads:
    """The heads of one file."""

    def __init__(self, decode: Callable[[str], str]) -> None:
        """`decode`: for heads with bytes of another encoding in them (`surrogateescape`)."""
        self._decode = decode
        self._known: dict[str, Head | None] = {}

    def split(self, line: str) -> tuple[Head | None, str]:
        """Head and value; None if this line is no property."""
        text, colon, value = line.partition(":")
        if not colon:
            return None, line
        try:
            return self._known[text], value
        except KeyError:
            pass
        if '"' in text:
            match = _QUOTED_HEAD.match(line)
            end = match.end() if match else 0
            if end < len(line) and line[end] == ":":
                return self._parsed(line[:end]), line[end + 1 :]
        head = self._parsed(text)
        if len(self._known) < _MOST:
            self._known[text] = head
        return head, value

    def _parsed(self, text: str) -> Head | None:
        return parse_head(text if text.isascii() else self._decode(text))


def parse_head(text: str) -> Head | None:
    match = _HEAD.fullmatch(text.strip())
    if match is None:
        return None
    head = Head(match["name"].upper(), (match["group"] or "").lower())
    if match["parameters"]:
        types: list[str] = []
        for parameter in _PARAMETER.findall(match["parameters"]):
            if parameter.strip():
                _take(head, types, parameter.strip())
        head.types = tuple(types)
        if "pref" in types:
            head.preference = 1
        head.label_of_types = label_of_types(types)
    return head


def _take(head: Head, types: list[str], parameter: str) -> None:
    custom = _CUSTOM.fullmatch(parameter)
    if custom:
        head.label = _of_android(custom[1])
        return
    name, equals, value = parameter.partition("=")
    name, value = name.strip().upper(), value.strip()
    if equals:
        setter = _SETTERS.get(name)
        if setter:
            setter(head, types, value)
    elif name.lower() in _ENCODINGS:
        head.encoding = _short(name)
    else:
        types.extend(_types(parameter))


def _set_type(_: Head, types: list[str], value: str) -> None:
    types.extend(_types(value))


def _set_encoding(head: Head, _: list[str], value: str) -> None:
    head.encoding = _short(value)


def _set_charset(head: Head, _: list[str], value: str) -> None:
    head.charset = value.strip('"').lower()


def _set_label(head: Head, _: list[str], value: str) -> None:
    head.label = _plain(value)


def _set_printed(head: Head, _: list[str], value: str) -> None:
    head.printed = _plain(value)


def _set_preference(head: Head, _: list[str], value: str) -> None:
    head.preference = int(value) if value.isdecimal() and len(value) <= 3 else 1


def _set_service(_: Head, types: list[str], value: str) -> None:
    types.insert(0, value.strip('"'))


_SETTERS = {
    "TYPE": _set_type,
    "TYP": _set_type,
    "ENCODING": _set_encoding,
    "CHARSET": _set_charset,
    "X-LABEL": _set_label,
    "X-ABLABEL": _set_label,
    "LABEL": _set_printed,
    "PREF": _set_preference,
    "X-SERVICE-TYPE": _set_service,
    "X-SERVICE": _set_service,
}


def _of_android(label: str) -> str:
    if "=" not in label:
        return label
    return binascii.a2b_qp(label.encode("utf-8", "surrogateescape")).decode("utf-8", "replace")


def _types(text: str) -> list[str]:
    return [each.strip().lower() for each in text.replace("\\", "").replace('"', "").split(",") if each.strip()]


def _short(encoding: str) -> str:
    encoding = encoding.strip('"').lower()
    if encoding == "quoted-printable":
        return "qp"
    return "b" if encoding in ("b", "base64") else ""


def _plain(value: str) -> str:
    """RFC 6868, and the backslashes of those who do not know it."""
    if len(value) > 1 and value[0] == value[-1] == '"':
        value = value[1:-1]
    value = value.replace("^n", "\n").replace("^'", '"').replace("^^", "^")
    return value.replace("\\n", "\n").replace("\\N", "\n").replace('\\"', '"').replace("\\,", ",").replace("\\;", ";")
