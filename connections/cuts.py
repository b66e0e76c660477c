"""What of a change each of a section's members may see, where that is not the same for all.

What differs from viewer to viewer is made once for each different cut, not once for each viewer.
"""

from collections.abc import Iterable

from connections.section import Section
from connections.session import Session
from presence.view import DomainView, Special
from wire.identity import Caller

Cuts = dict[bytes, list[Session]]
"""Comma-joined records, and who gets them. Nobody is in it twice; who gets nothing may be missing, or under b""."""


def cut_for_watchers(view: DomainView, section: Section, since: int) -> Cuts:
    """For those who named whom they look at, and know everything up to `since`."""
    told: dict[Session, list[bytes]] = {}
    for user, _, record in view.plain_records_since(since):
        for session in section.watchers.get(user, ()):
            told.setdefault(session, []).append(record)
    for special in view.specials_since(since):
        for session in section.watchers.get(special.user, ()):
            told.setdefault(session, []).extend(_of_specials(view, session.caller, [special], since))
    cuts: Cuts = {}
    for session, records in told.items():
        cuts.setdefault(b",".join(records), []).append(session)
    return cuts


def cut_for_everybody(view: DomainView, section: Section, since: int) -> Cuts:
    """For those who look at everybody. Apart from the specials themselves, viewers with the same role see the same."""
    shared = [record for _, _, record in view.plain_records_since(since)]
    specials = view.specials_since(since)
    themselves = {special.user for special in specials}
    of_role: dict[object, bytes] = {}
    cuts: Cuts = {}
    for session in section:
        caller = session.caller
        role = (caller.scope, caller.site, caller.operator, caller.user if caller.user in themselves else None)
        records = of_role.get(role)
        if records is None:
            records = of_role[role] = b",".join([*shared, *_of_specials(view, caller, specials, since)])
        cuts.setdefault(records, []).append(session)
    return cuts


def _of_specials(view: DomainView, viewer: Caller, specials: Iterable[Special], since: int) -> list[bytes]:
    told = (view.special_delivery(viewer, special, since) for special in specials)
    return [record for record in told if record is not None]
