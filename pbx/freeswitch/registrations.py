"""Registrations: events of mod_sofia, and rows of `show registrations`. Pure."""

import math
from collections.abc import Mapping

from pbx.adapter.addresses import Domains, entity_name, split, text
from pbx.adapter.board import Registration

LATE_MARGIN = 60.0
"""FreeSWITCH itself waits so long after the expiry (sip-expires-late-margin) before it takes a phone for gone."""


def registered(event: Mapping[str, str], domains: Domains, now: float) -> Registration | None:
    """`sofia::register`, also of a refresh; None for what is no user of ours."""
    user = _user_of(event, domains)
    expires = event.get("expires", "")
    if user is None or not event.get("call-id"):
        return None
    return Registration(
        user=user,
        device=entity_name(event["call-id"]),
        ends_at=now + int(expires) + LATE_MARGIN if expires.isdecimal() else math.inf,
        contact=text(event.get("contact")),
        received=text(_where(event.get("network-ip"), event.get("network-port"))),
        user_agent=text(event.get("user-agent")),
    )


def unregistered(event: Mapping[str, str], domains: Domains) -> tuple[str, str] | None:
    """(user, device) of `sofia::unregister` or `sofia::expire`, which name the user differently."""
    user = _user_of(event, domains)
    return (user, entity_name(event["call-id"])) if user and event.get("call-id") else None


def registration_in_list(row: Mapping[str, str], domains: Domains, offset: float) -> Registration | None:
    """A row of `show registrations`. `offset`: our clock minus FreeSWITCH's; its `expires` has the margin in it."""
    user = domains.address(row.get("reg_user", ""), row.get("realm", ""))
    expires = row.get("expires", "")
    if user is None or not row.get("token"):
        return None
    return Registration(
        user=user,
        device=entity_name(row["token"]),
        ends_at=int(expires) + offset if expires.isdecimal() and int(expires) > 0 else math.inf,
        received=text(_where(row.get("network_ip"), row.get("network_port"))),
    )


def _user_of(event: Mapping[str, str], domains: Domains) -> str | None:
    name = event.get("from-user") or event.get("user") or event.get("username") or ""
    for host in ("from-host", "host", "realm"):
        user = domains.address(split(name)[0], event.get(host, ""))
        if user is not None:
            return user
    return None


def _where(address: str | None, port: str | None) -> str:
    return f"{address}:{port}" if address and port else address or ""
