"""What a client knows of its books by the rules of the wire: the newer revision wins, gaps are asked for."""

from contacts.listing import PeopleLists
from contacts.service import ContactService
from wire.contacts import Contact, ContactChanges, ContactsPosition, ContactsQuery, Favourite, Overlay, TargetKind
from wire.events import ContactsChanged
from wire.identity import Caller, UserId


class KnownBooks:
    """Two are equal if they show the same, at the same position."""

    __hash__ = None  # type: ignore[assignment]

    def __init__(self, caller: Caller) -> None:
        self.caller = caller
        self.shared = self.own = 0
        self.contacts: dict[int, Contact] = {}
        self.favourites: dict[tuple[TargetKind, int], Favourite] = {}
        self.overlays: dict[UserId, Overlay] = {}
        self.has_missed = False

    @classmethod
    async def read(cls, service: ContactService, lists: PeopleLists, caller: Caller, limit: int = 100) -> "KnownBooks":
        known = cls(caller)
        after: str | None = None
        while True:
            page = await lists.contacts_page(caller, ContactsQuery(limit=limit, after=after))
            if after is None:
                known.shared, known.own = page.position.shared, page.position.own
            known.contacts |= {each.contact: each for each in page.items}
            after = page.next
            if after is None:
                break
        own = await service.own_things(caller)
        known.favourites = {(each.kind, each.target): each for each in own.favourites}
        known.overlays = {each.coworker: each for each in own.overlays}
        return known

    @property
    def position(self) -> ContactsPosition:
        return ContactsPosition(self.shared, self.own)

    def apply(self, event: ContactsChanged) -> None:
        position = self.shared if event.shared else self.own
        if event.since > position:
            self.has_missed = True
        elif event.shared:
            self.shared = max(position, event.rev)
        else:
            self.own = max(position, event.rev)
        self._take(event)

    async def catch_up(self, service: ContactService, limit: int = 100) -> None:
        while True:
            changes = await service.changes(self.caller, self.position, limit)
            self._take(changes)
            self.shared, self.own = changes.position.shared, changes.position.own
            if not changes.more:
                self.has_missed = False
                return

    def _take(self, news: ContactsChanged | ContactChanges) -> None:
        for contact in news.contacts:
            if contact.rev > (self.contacts[contact.contact].rev if contact.contact in self.contacts else 0):
                self.contacts[contact.contact] = contact
        for star in news.favourites:
            key = (star.kind, star.target)
            if star.rev > (self.favourites[key].rev if key in self.favourites else 0):
                self.favourites[key] = star
        for overlay in news.overlays:
            if overlay.rev > (self.overlays[overlay.coworker].rev if overlay.coworker in self.overlays else 0):
                self.overlays[overlay.coworker] = overlay

    def __eq__(self, other: object) -> bool:
        return isinstance(other, KnownBooks) and self._shown() == other._shown()

    def __repr__(self) -> str:
        return repr(self._shown())

    def _shown(self) -> object:
        return (
            self.position,
            sorted(
                ((each.contact, each) for each in self.contacts.values() if not each.gone), key=lambda each: each[0]
            ),
            {key: each for key, each in self.favourites.items() if not each.gone},
            {key: each for key, each in self.overlays.items() if not each.gone},
        )
