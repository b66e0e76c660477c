"""Source maps (ECMA-426): of which module and line each line of a joined script is.

For whoever looks at it in a browser's developer tools; nobody else loads them. Pure.
"""

import json
from collections.abc import Sequence
from functools import cache
from typing import Final

Place = tuple[str, int, int]
"""A module, and the line and column in it, from 0."""

_DIGITS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


def source_map(name: str, root: str, places: Sequence[Place | None]) -> str:
    """`places`: where each line was written; None: nowhere. `root`: leads from the script to the modules."""
    sources: dict[str, int] = {}
    last = (0, 0, 0)
    mappings = []
    for place in places:
        if place is None:
            mappings.append("")
            continue
        path, line, column = place
        now = (sources.setdefault(path, len(sources)), line, column)
        mappings.append(_number(0) + "".join(_number(new - old) for new, old in zip(now, last, strict=True)))
        last = now
    shown = {"version": 3, "file": name, "sourceRoot": root, "sources": list(sources), "mappings": ";".join(mappings)}
    return json.dumps(shown, separators=(",", ":"))


@cache
def _number(value: int) -> str:
    """In digits of five bits, the lowest first, beginning with the sign."""
    rest = (abs(value) << 1) | (value < 0)
    digits = []
    while True:
        digits.append(_DIGITS[(rest & 31) | (32 if rest > 31 else 0)])
        rest >>= 5
        if not rest:
            return "".join(digits)
