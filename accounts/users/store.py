"""What the administration of users needs kept. Every method raises `wire.errors.Unavailable` if its store does not
answer.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from typing import Protocol

from accounts.model import Account, AuditLine
from accounts.users.model import AddedUsers, Erased, NewUser
from wire.identity import DomainId, Extension, UserId


class UserStore(Protocol):
    """Each change with its lines in the audit, all or nothing."""

    async def account(self, domain: DomainId, user: UserId) -> Account | None: ...

    async def by_extension(self, domain: DomainId, extension: Extension) -> Account | None: ...

    async def taken(self, domain: DomainId) -> tuple[list[str], list[str]]:
        """All extensions and login names."""

    async def add(
        self, domain: DomainId, users: Sequence[NewUser], audit: Callable[[UserId, NewUser], AuditLine]
    ) -> AddedUsers:
        """Raises `ExtensionTaken`, `LoginNameTaken`, and `wire.errors.NotFound` if the domain is not there."""

    async def change(self, before: Account, after: Account, audit: AuditLine, *, ends_logins: bool) -> Account | None:
        """Scope, login name, caller IDs, single sign-on account, and whether it is disabled.

        None, and nothing is changed, if the account is not of the revision of `before` any more. Raises
        `LoginNameTaken`.
        """

    async def erase(
        self, domain: DomainId, user: UserId, audit: Callable[[int], AuditLine], *, with_messages: bool
    ) -> Erased | None:
        """`audit` is given how many messages lost their words. None: there is no such user."""

    def take_out(self, domain: DomainId, user: UserId, audit: AuditLine) -> AsyncIterator[tuple[str, str]]:
        """All that is kept of the user: what each row is, in words, and the row as JSON. `audit` is kept first."""
