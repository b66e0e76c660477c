"""What domains need kept, and forgotten. Every method raises `wire.errors.Unavailable` if its store does not answer."""

from collections.abc import Sequence
from typing import Protocol

from accounts.domains.model import Domain
from accounts.model import AuditLine
from wire.identity import DomainId


class DomainStore(Protocol):
    """Domains that are being deleted are no more, but for `closed` and what is done to them after it."""

    async def domain(self, domain: DomainId) -> Domain | None: ...

    async def domains(self) -> Sequence[Domain]:
        """By name of the domain."""

    async def add(self, domain: Domain, audit: AuditLine) -> bool:
        """False, and nothing is changed, if it is there. Raises `DomainOnItsWayOut`."""

    async def change(self, before: Domain, after: Domain, audit: AuditLine) -> bool:
        """False, and nothing is changed, if its settings are not those of `before` any more."""

    async def close(self, domain: DomainId) -> int | None:
        """From now on nobody gets in: no login is good, no key, no switch and no number. How many users it has.

        None: there is no such domain, or it was closed before.
        """

    async def closed(self) -> Sequence[DomainId]: ...

    async def delete_some(self, domain: DomainId) -> bool:
        """A step of the deletion of a closed one. True: there is more. At the end the domain is gone."""


class LiveState(Protocol):
    """storage/redis/forgetting.py."""

    async def forget(self, domain: DomainId) -> int:
        """Everything live of a domain. How many keys there were."""
