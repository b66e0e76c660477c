"""What imports need kept. Every method raises `wire.errors.Unavailable` if the store does not answer."""

from collections.abc import AsyncIterator, Collection, Sequence
from datetime import datetime
from typing import Protocol

from contacts.imports.model import Applied, KeptImport, Progress
from contacts.imports.planning import Planned
from contacts.model import BookId, Doing
from wire.contacts import Contact
from wire.identity import DomainId, UserId
from wire.imports import Import, ImportRow, RowOutcome


class ImportStore(Protocol):
    async def begin(self, domain: DomainId, doing: Doing, shown: Import) -> None: ...

    async def add_part(self, domain: DomainId, import_id: str, part: int, payload: bytes) -> None: ...

    def parts(self, domain: DomainId, import_id: str) -> AsyncIterator[bytes]:
        """The file, part by part."""

    async def find(self, domain: DomainId, import_id: str) -> KeptImport | None: ...

    async def open_imports(self, domain: DomainId, user: UserId) -> int:
        """How many imports of a user still have their file."""

    async def start_reading(self, domain: DomainId, import_id: str, shown: Import, at: datetime) -> int:
        """Forgets the rows of an earlier reading; the number of this one."""

    async def note(self, domain: DomainId, import_id: str, shown: Import, reading: int, at: datetime) -> bool:
        """Keeps where a reading is. False: it was overtaken by another one, or the import is gone."""

    async def candidates(
        self, domain: DomainId, book: BookId, names: Collection[str], contacts: Collection[int]
    ) -> Sequence[Contact]:
        """Contacts of a book that have one of the folded names, or one of the ids."""

    async def add_rows(self, domain: DomainId, import_id: str, reading: int, rows: Sequence[Planned]) -> bool:
        """False: the reading was overtaken."""

    async def rows(
        self, domain: DomainId, import_id: str, outcome: RowOutcome | None, after: int, limit: int
    ) -> Sequence[ImportRow]: ...

    async def apply(self, domain: DomainId, import_id: str, doing: Doing, most: int, told: Progress) -> Applied | None:
        """All rows in one transaction, which keeps others from the book only at its end. None: it is not ready. Raises
        `BookFull`, and `ContactsBusy` if others change the book all the time.

        Contacts that somebody changed since they were looked at, and rows whose contact somebody has added meanwhile,
        are left, and counted as such.
        """

    async def undo(self, domain: DomainId, import_id: str, doing: Doing, told: Progress) -> Applied | None:
        """Takes back what was applied, but for contacts that somebody has changed since. None: it is not applied."""

    async def remove(self, domain: DomainId, import_id: str) -> bool: ...

    async def forget(self, unapplied_before: datetime, applied_before: datetime) -> int:
        """Removes old imports of all domains; how many."""
