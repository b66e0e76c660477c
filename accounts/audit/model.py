"""The structs of the audit, as it is read."""

from datetime import datetime
from typing import Any

from msgspec import Struct

from accounts.permissions import Bounds, Person
from wire.audit import AuditPerson
from wire.identity import UserId


class AuditWanted(Struct, frozen=True, kw_only=True):
    """Lines that somebody `within` has part in, or all if those are no bounds; filtered, before one, newest first."""

    within: Bounds
    user: UserId | None = None
    action: str = ""
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None
    limit: int = 50


class AuditRecord(Struct, frozen=True, kw_only=True):
    """A line, with the people in it as they are now. `person`: whom it concerns, for the rules."""

    id: int
    at: datetime
    action: str
    by: AuditPerson | None
    operator: AuditPerson | None
    target: str
    concerned: AuditPerson | None
    person: Person | None
    address: str
    key: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
