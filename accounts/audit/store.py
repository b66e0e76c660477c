"""What reading the audit needs of a store. Raises `wire.errors.Unavailable` if it does not answer."""

from typing import Protocol

from accounts.audit.model import AuditRecord, AuditWanted
from accounts.model import AuditLine
from wire.identity import DomainId


class AuditStore(Protocol):
    async def lines(self, domain: DomainId, wanted: AuditWanted) -> list[AuditRecord]:
        """One more than `wanted.limit`, if there are more."""

    async def note(self, domain: DomainId, audit: AuditLine) -> None: ...
