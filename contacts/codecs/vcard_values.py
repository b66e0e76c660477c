"""vCard values: escapes undone and made, lists taken apart."""

import re

_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_COMPONENT = re.compile(r"(?:[^;\\]|\\.|\\\Z)*", re.DOTALL)
_LISTED = re.compile(r"(?:[^,\\]|\\.|\\\Z)*", re.DOTALL)
_ESCAPES = (
    ("\\n", "\n"),
    ("\\N", "\n"),
    ("\\,", ","),
    ("\\;", ";"),
    ("\\:", ":"),
    ('\\"', '"'),
    ("\\'", "'"),
)
"""Enough where no backslash is escaped itself."""
_COMMA_OF_A_LIST = re.compile(r"(?<!\\),(?! )")


def plain(text: str) -> str:
    """A value without its escapes; a backslash that escapes nothing stays."""
    if "\\" not in text:
        return text
    if "\\\\" in text:
        return _ESCAPED.sub(_unescaped, text)
    for escape, letter in _ESCAPES:
        if escape in text:
            text = text.replace(escape, letter)
    return text


def _unescaped(match: re.Match[str]) -> str:
    letter = match[1]
    if letter in "nN":
        return "\n"
    return letter if letter in ",;:\\\"'" else match[0]


def components(value: str) -> list[str]:
    """The parts of ADR and ORG, without their escapes."""
    if "\\" not in value:
        return value.split(";")
    return [plain(part) for part in (_split(_COMPONENT, value) if "\\;" in value else value.split(";"))]


def names(value: str) -> list[str]:
    """The parts of N: those are lists (`Philip,Paul`), but most who write a comma there mean one."""
    parts = _split(_COMPONENT, value) if "\\;" in value else value.split(";")
    if "," in value:
        parts = [_COMMA_OF_A_LIST.sub(" ", part) for part in parts]
    return [plain(part) for part in parts]


def listed(value: str) -> list[str]:
    """The parts of CATEGORIES."""
    if "\\" not in value:
        return value.split(",")
    return [plain(part) for part in (_split(_LISTED, value) if "\\," in value else value.split(","))]


def _split(part: re.Pattern[str], value: str) -> list[str]:
    parts, at = [], 0
    while at <= len(value):
        match = part.match(value, at)
        assert match is not None
        parts.append(match[0])
        at = match.end() + 1
    return parts
