"""Coworkers and contacts by their numbers; the newer revision of an entry wins."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from wire.contacts import Contact, ContactsPosition
from wire.identity import UserId
from wire.records import Coworker


class Entry(Protocol):
    @property
    def rev(self) -> int: ...


Kind = TypeVar("Kind", bound=Entry)
Key = TypeVar("Key")


@dataclass(slots=True)
class PeopleState:
    """`rev` and `position`: how far nothing is missing. Who is gone stays, so that nothing older brings them back."""

    rev: int = 0
    position: ContactsPosition = field(default_factory=ContactsPosition)
    everybody: dict[UserId, Coworker] = field(default_factory=dict)
    every_contact: dict[int, Contact] = field(default_factory=dict)

    @property
    def coworkers(self) -> list[Coworker]:
        return [each for each in self.everybody.values() if not each.gone]

    @property
    def contacts(self) -> list[Contact]:
        return [each for each in self.every_contact.values() if not each.gone]

    def by_extension(self, extension: str) -> Coworker | None:
        return next((each for each in self.coworkers if each.extension == extension), None)

    def learn(self, coworkers: Iterable[Coworker] = (), contacts: Iterable[Contact] = ()) -> None:
        _keep_newer(self.everybody, {each.user: each for each in coworkers})
        _keep_newer(self.every_contact, {each.contact: each for each in contacts})


def _keep_newer(known: dict[Key, Kind], told: dict[Key, Kind]) -> None:
    for key, entry in told.items():
        if key not in known or entry.rev > known[key].rev:
            known[key] = entry
