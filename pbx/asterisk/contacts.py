"""Registrations: contacts of PJSIP, and peers of the older chan_sip. Pure.

Asterisk tells a contact's coming and going, but no refresh and no expiry: those are only in its list. So a device is up
until Asterisk says otherwise, and the lease that is told runs on past its end until the next look at the list.
"""

import math

from pbx.adapter.addresses import UserPattern, entity_name, text
from pbx.adapter.board import Registration
from pbx.asterisk.ami import AmiMessage

_UP = frozenset({"reachable", "nonqualified", "unqualified", "created", "updated", "unknown"})
"""Without `qualify_frequency` a contact stays NonQualified: as far as Asterisk knows, it is there."""
_DOWN = frozenset({"removed", "unreachable"})
_PEER_UP = frozenset({"registered", "reachable", "lagged"})
_PEER_DOWN = frozenset({"unregistered", "unreachable", "rejected"})
_PEER_TECHNOLOGIES = frozenset({"sip", "iax2"})


def contact_in_list(message: AmiMessage, users: UserPattern, offset: float, slack: float) -> Registration | None:
    """A `ContactList` event; None for what is no user's, or cannot be reached.

    `offset`: our clock minus Asterisk's. `slack`: seconds until the list will surely have been read again.
    """
    user = users.address(_endpoint_of(message))
    if user is None or not message["Uri"] or message["Status"].lower() in _DOWN:
        return None
    expires = message["ExpirationTime"]
    ends_at = int(expires) + offset + slack if expires.isdecimal() and int(expires) > 0 else math.inf
    return Registration(
        user=user,
        device=device_of(message["Uri"]),
        ends_at=ends_at,
        contact=text(message["Uri"]),
        received=text(message["ViaAddr"] and f"{message['ViaAddr']}:{message['ViaPort']}"),
        user_agent=text(message["UserAgent"]),
    )


def contact_news(message: AmiMessage, users: UserPattern, provisional_end: float) -> tuple[Registration, bool] | None:
    """A `ContactStatus` event as (device, whether it is up); its lease is provisional until the list has been read."""
    status = message["ContactStatus"].lower()
    user = users.address(message["EndpointName"] or message["AOR"])
    if user is None or not message["URI"] or status not in _UP | _DOWN:
        return None
    uri = message["URI"]
    return Registration(user, device_of(uri), provisional_end, contact=text(uri)), status in _UP


def peer_in_list(message: AmiMessage, users: UserPattern) -> Registration | None:
    """A `PeerEntry` of SIPpeers; None for what is no user's, or is not registered."""
    user = users.address(message["ObjectName"])
    status = message["Status"].upper()
    if user is None or message["IPaddress"] in ("", "-none-") or status.startswith(("UNREACHABLE", "UNKNOWN")):
        return None
    where = f"{message['IPaddress']}:{message['IPport']}"
    return Registration(user, entity_name(f"SIP/{message['ObjectName']}"), received=text(where))


def peer_news(message: AmiMessage, users: UserPattern) -> tuple[Registration, bool] | None:
    """A `PeerStatus` event of chan_sip or IAX2; PJSIP tells the same of whole endpoints, and better by contacts."""
    technology, _, name = message["Peer"].partition("/")
    status = message["PeerStatus"].lower()
    user = users.address(name)
    if user is None or technology.lower() not in _PEER_TECHNOLOGIES or status not in _PEER_UP | _PEER_DOWN:
        return None
    return Registration(user, entity_name(message["Peer"]), received=text(message["Address"])), status in _PEER_UP


def device_of(uri: str) -> str:
    """The address where the phone registered: the same over refreshes; AMI does not tell the phone's own id."""
    return entity_name(uri)


def _endpoint_of(message: AmiMessage) -> str:
    """`ObjectName` is `<address of record>;@<hash>`, in some versions with `@@`."""
    return message["Endpoint"] or message["ObjectName"].replace(";@", "@@").partition("@@")[0]
