"""What sites need kept. Every method raises `wire.errors.Unavailable` if its store does not answer."""

from collections.abc import Sequence
from typing import Protocol

from accounts.model import AuditLine
from accounts.profiles.model import Site
from accounts.sites.model import SiteChanged
from wire.identity import DomainId


class SiteStore(Protocol):
    """Each change with its line in the audit, all or nothing."""

    async def sites(self, domain: DomainId) -> Sequence[Site]:
        """By name."""

    async def add(self, domain: DomainId, site: Site, audit: AuditLine) -> bool:
        """False if there is one of the name."""

    async def change(self, domain: DomainId, before: Site, after: Site, audit: AuditLine) -> SiteChanged | None:
        """Also for everybody who follows it. None, and nothing is changed, if the site is not as `before` any more.

        Raises `wire.errors.Conflict` if there is one of the new name.
        """

    async def remove(self, domain: DomainId, name: str, audit: AuditLine) -> int | None:
        """How many users are still at it, for whose sake it stays; None: it is not there."""
