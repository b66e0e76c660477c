"""What a switch may be called. Pure."""

import re

_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,62}")
_TAKEN = frozenset({"portal", "adapters"})
"""`portal` is what users say through us; `adapters` stands in the addresses of other switches."""


def is_name(name: str) -> bool:
    return name not in _TAKEN and _NAME.fullmatch(name) is not None
