"""Do Not Disturb. Pure. FreeSWITCH has none of its own: the dialplan keeps it, and says so by an event of its own.

A realm of mod_db has a key `user@domain` for everybody who has it set, and the dialplan fires `presence::dnd` when it
sets or clears one (docs/switches/freeswitch.md has both). A phone whose key asks the switch to do so (as-feature-event)
comes as PHONE_FEATURE_SUBSCRIBE.
"""

import re
from collections.abc import Iterator, Mapping

from pbx.adapter.addresses import Domains, split

SUBCLASS = "presence::dnd"


def dnd_news(event: Mapping[str, str], domains: Domains) -> tuple[str, bool] | None:
    """(user, whether it is on) of `presence::dnd`; None if it says neither."""
    name, domain = split(event.get("user", ""))
    user = domains.address(name, domain or event.get("domain", ""))
    on = event.get("on", "").lower()
    return (user, on in _YES) if user and on in _YES | _NO else None


def dnd_wished(event: Mapping[str, str], domains: Domains) -> tuple[str, bool] | None:
    """The same of PHONE_FEATURE_SUBSCRIBE: somebody has pressed the key of the phone."""
    if event.get("Feature-Action") != "SetDoNotDisturb":
        return None
    user = domains.address(event.get("user", ""), event.get("host", ""))
    on = event.get("Feature-Enabled", "").lower()
    return (user, on in _YES) if user and on in _YES | _NO else None


def feature_event(user: str, on: bool, phone: Mapping[str, str]) -> dict[str, str]:
    """The headers of PHONE_FEATURE, which mod_sofia turns into a NOTIFY to the user's phones.

    `phone`: the event of the phone that has asked, if one has.
    """
    name, domain = split(user)
    profile = phone.get("profile_name", "")
    return {
        **({"profile": profile} if profile else {}),
        "user": phone.get("user", name),
        "host": phone.get("host", domain),
        "device": phone.get("device", ""),
        "Feature-Event": "DoNotDisturbEvent",
        "doNotDisturbOn": "on" if on else "off",
    }


def dnd_in_list(printed: str, domains: Domains) -> Iterator[str]:
    """Who has it, by what `db list/<realm>` prints: keys, with commas or lines between."""
    for key in re.split(r"[,\s]+", printed):
        user = domains.address(*split(key))
        if user is not None:
            yield user


_YES = frozenset({"true", "yes", "on", "1"})
_NO = frozenset({"false", "no", "off", "0"})
