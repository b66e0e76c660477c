"""Records of the API: loose JSON, in which numbers come as text and text as numbers, under names of two ages. Pure."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from pbx.adapter.addresses import Domains, split

Record = Mapping[str, object]

_DEVICE_NAME = re.compile(r"(\d{2,15})(?:[A-Za-z]{1,3}|_[A-Za-z]+)?")
"""An extension, or a device of it: `1001m`, `1001wp`, `1001_mobile`."""
_NO_TIME = frozenset({"", "0", "0000-00-00 00:00:00"})


def text_of(record: Record, *names: str) -> str:
    """The first of these fields that says anything, as text; empty if none does."""
    for name in names:
        value = record.get(name)
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, str | int) and value != "":
            return str(value)
    return ""


def is_yes(record: Record, name: str) -> bool:
    return text_of(record, name).lower() in ("yes", "true", "1")


def time_of(record: Record, *names: str) -> float | None:
    """A moment as seconds since 1970; None if there is none, or none that can be read. Without a zone it is UTC."""
    text = text_of(record, *names)
    if text in _NO_TIME:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def user_of(record: Record, domains: Domains, user_names: tuple[str, ...], domain_names: tuple[str, ...]) -> str | None:
    """The address of whom these fields name: an extension, the name of a device, or a SIP address."""
    name, domain = split(text_of(record, *user_names))
    device = _DEVICE_NAME.fullmatch(name)
    return domains.address(device[1] if device else name, domain or text_of(record, *domain_names))
