"""What masks need kept. Every method raises `wire.errors.Unavailable` if its store does not answer."""

from typing import Protocol

from accounts.masks.model import Begun, NewMask, TakenOff
from accounts.model import Account, AuditLine
from wire.identity import Caller, DomainId, UserId


class MaskStore(Protocol):
    async def account(self, domain: DomainId, user: UserId) -> Account | None: ...

    async def begin(self, mask: NewMask, audit: AuditLine) -> Begun | None:
        """None, and nothing is changed, if the operator's login is over."""

    async def end(self, caller: Caller, token_hash: bytes, audit: AuditLine) -> TakenOff | None:
        """Ends the caller's mask. A login by cookie gets another token, since the browser has lost the one it had.

        None: there is no such mask (any more).
        """

    async def note(self, domain: DomainId, audit: AuditLine) -> None: ...
