"""Presence records as states that can be compared: without user, rev and times."""

import msgspec

from tests.presence.oracle import OFFLINE, Shown
from wire.records import Presence


def shown(record: bytes | None) -> Shown:
    """What a record, as presence.lua writes it, says; nothing said is offline."""
    if record is None:
        return OFFLINE
    return words(msgspec.json.decode(record, type=Presence))


def words(presence: Presence) -> Shown:
    return Shown(
        presence.colour,
        presence.reason.value,
        presence.chat,
        presence.phone,
        presence.calls,
        presence.dnd,
        presence.message,
        presence.unknown_since,
        presence.appears_offline,
    )
