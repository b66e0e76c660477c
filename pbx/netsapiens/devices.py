"""Registrations: records of devices. Pure. No event tells of them, so they are polled."""

import math

from pbx.adapter.addresses import Domains, entity_name, text
from pbx.adapter.board import Registration
from pbx.netsapiens.records import Record, is_yes, text_of, time_of, user_of

_REGISTRATION = "device-sip-registration"


def registration_of(record: Record, domains: Domains, offset: float, slack: float) -> Registration | None:
    """None for a device that is not registered, or is nobody's of ours.

    `offset`: our clock minus the platform's. `slack`: seconds until the list will surely have been read again.
    """
    user = user_of(record, domains, ("user",), ("domain",))
    name = text_of(record, "device")
    if user is None or not name or text_of(record, f"{_REGISTRATION}-state").lower() != "registered":
        return None
    expires = time_of(record, f"{_REGISTRATION}-expires-datetime")
    return Registration(
        user=user,
        device=entity_name(name),
        ends_at=expires + offset + slack if expires is not None else math.inf,
        contact=text(text_of(record, f"{_REGISTRATION}-contact", f"{_REGISTRATION}-uri")),
        received=text(text_of(record, f"{_REGISTRATION}-ip-address")),
        user_agent=text(text_of(record, f"{_REGISTRATION}-user-agent")),
        ignored=is_yes(record, f"{_REGISTRATION}-ignore-for-presence-calculation"),
    )
