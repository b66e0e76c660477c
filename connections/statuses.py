"""Who is available, busy or unknown right now, for lists of people.

From the view that this gateway follows anyway, if it follows the domain; what everybody sees is read once a version.
"""

import msgspec

from connections.hub import Hub
from contacts.groups import OFFLINE, status_group
from contacts.people import Statuses
from presence.service import PresenceService
from wire.events import PresenceSnapshot
from wire.identity import Caller, DomainId

_decode = msgspec.json.Decoder(PresenceSnapshot).decode


class StatusesOfView:
    """See `contacts.listing.StatusReader`."""

    def __init__(self, hub: Hub, presence: PresenceService) -> None:
        self._hub = hub
        self._presence = presence
        self._seen_by_all: dict[DomainId, tuple[tuple[str, int], Statuses]] = {}

    async def statuses(self, caller: Caller) -> Statuses:
        channel = self._hub.channel(caller.domain)
        view = channel.view if channel is not None else await self._presence.view(caller.domain)
        if not view.is_like_everybody(caller):
            return _statuses(view.snapshot_for(caller))
        at, known = self._seen_by_all.get(caller.domain, (("", 0), {}))
        if at != (view.epoch, view.version):
            at, known = (view.epoch, view.version), _statuses(view.snapshot_for(caller))
            self._seen_by_all[caller.domain] = (at, known)
        return known


def _statuses(snapshot: bytes) -> Statuses:
    grouped = ((each.user, status_group(each)) for each in _decode(snapshot).users)
    return {user: group for user, group in grouped if group != OFFLINE}
