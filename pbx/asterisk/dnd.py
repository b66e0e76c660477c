"""Do Not Disturb. Pure. Asterisk has none of its own; the systems built on it keep it in one of two ways.

`device-state`: a key `/DND/<extension>` in its database, and a device state `Custom:DND<extension>` for lamps, as
FreePBX and Issabel do. `presence-state`: `CustomPresence:<extension>` is `dnd`.
"""

from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum

from pbx.adapter.addresses import UserPattern
from pbx.asterisk.ami import AmiMessage

DEVICE = "Custom:DND"
PRESENTITY = "CustomPresence:"
FAMILY = "DND"
_ON_STATES = frozenset({"BUSY", "INUSE", "ONHOLD", "RINGING", "RINGINUSE"})
_OFF_STATES = frozenset({"NOT_INUSE", "UNKNOWN", "INVALID", "UNAVAILABLE"})


class DndStore(StrEnum):
    """Where this Asterisk keeps Do Not Disturb."""

    DEVICE_STATE = "device-state"
    PRESENCE_STATE = "presence-state"
    NONE = "none"


def dnd_news(message: AmiMessage, store: DndStore, users: UserPattern) -> tuple[str, bool] | None:
    """(user, whether it is on) of a `DeviceStateChange` or `PresenceStateChange`; None if it is about anything else."""
    if store is DndStore.DEVICE_STATE and message["Event"] == "DeviceStateChange":
        name, state = message["Device"], message["State"].upper()
        user = users.address(name.removeprefix(DEVICE)) if name.startswith(DEVICE) else None
        return (user, state in _ON_STATES) if user and state in _ON_STATES | _OFF_STATES else None
    if store is DndStore.PRESENCE_STATE and message["Event"] == "PresenceStateChange":
        name = message["Presentity"]
        user = users.address(name.removeprefix(PRESENTITY)) if name.startswith(PRESENTITY) else None
        return (user, message["Status"].lower() == "dnd") if user else None
    return None


def state_to_set(store: DndStore, extension: str, on: bool) -> tuple[str, str]:
    """(variable, value) that makes lamps show it, and in `presence-state` is all there is."""
    if store is DndStore.PRESENCE_STATE:
        return f"PRESENCE_STATE({PRESENTITY}{extension})", "dnd,," if on else "available,,"
    return f"DEVICE_STATE({DEVICE}{extension})", "BUSY" if on else "NOT_INUSE"


def dnd_in_tree(items: Iterable[AmiMessage], users: UserPattern) -> Iterator[str]:
    """Who has it, by the `DBGetTreeResponse` events of the family."""
    for item in items:
        user = _user_of_key(item["Key"], users)
        if user and _is_set(item["Val"]):
            yield user


def dnd_in_output(lines: Sequence[str], users: UserPattern) -> Iterator[str]:
    """The same out of what `database show DND` prints: `/DND/1001    : YES`."""
    for line in lines:
        key, _, value = line.partition(":")
        user = _user_of_key(key.strip(), users)
        if user and _is_set(value):
            yield user


def _user_of_key(key: str, users: UserPattern) -> str | None:
    family, _, extension = key.lstrip("/").partition("/")
    return users.address(extension) if family == FAMILY else None


def _is_set(value: str) -> bool:
    return value.strip().lower() not in ("", "no", "0", "false", "off")
