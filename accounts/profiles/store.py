"""What profiles need kept. Every method raises `wire.errors.Unavailable` if its store does not answer."""

from collections.abc import Sequence
from typing import Protocol

from accounts.model import Account, AuditLine
from accounts.permissions import Person
from accounts.profiles.model import ListedUser, Site, UsersWanted
from wire.identity import DomainId, UserId


class ProfileStore(Protocol):
    """Deleted users do not exist here; extensions without a person behind them are in no list."""

    async def account(self, domain: DomainId, user: UserId) -> Account | None: ...

    async def managers(self, domain: DomainId) -> list[Person]:
        """Everybody from Call Center Supervisor upwards."""

    async def sites(self, domain: DomainId) -> Sequence[Site]:
        """By name."""

    async def users(self, domain: DomainId, wanted: UsersWanted) -> list[ListedUser]:
        """One more than `wanted.limit`, if there are more."""

    async def change(
        self,
        account: Account,
        directory_steps: int,
        audit: AuditLine,
        *,
        pin_hash: str | None = None,
        site: Site | None = None,
    ) -> Account | None:
        """Saves everything that a profile's form has, and the audit line with it; all or nothing.

        `account.rev` is the revision that the change was made from, `site` the settings that it followed: None, and
        nothing is changed, if those are not the newest. The directory's revision grows by `directory_steps`, and if
        that is not 0 the user's becomes the same. Returns the account with its new revisions.
        """
