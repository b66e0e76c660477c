"""What contacts need kept. Every method raises `wire.errors.Unavailable` if the store does not answer."""

from collections.abc import Sequence
from typing import Protocol

from contacts.model import DirectoryEntry, Kind
from wire.contacts import Contact
from wire.identity import DomainId, UserId


class ContactStore(Protocol):
    async def directory_rev(self, domain: DomainId) -> int:
        """Grows with every change that coworkers can see. Raises `NotFound` for an unknown domain."""

    async def directory(self, domain: DomainId, after: UserId, limit: int) -> Sequence[DirectoryEntry]:
        """People with a higher id than `after`, in the order of ids; unlisted ones too, so look before you tell."""

    async def contacts(
        self, domain: DomainId, owner: UserId, kind: Kind | None, after: int, limit: int
    ) -> Sequence[Contact]:
        """Shared contacts and the owner's own (or one kind of them) with a higher id than `after`, in that order."""
