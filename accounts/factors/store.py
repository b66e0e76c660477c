"""What second factors need kept. Every method raises `wire.errors.Unavailable` if its store does not answer."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from accounts.factors.model import Factors, PendingLogin, Totp
from accounts.model import AuditLine
from wire.identity import DomainId, SessionId, UserId


class FactorStore(Protocol):
    async def factors(self, domain: DomainId, user: UserId) -> Factors: ...

    async def totp(self, domain: DomainId, user: UserId) -> Totp | None: ...

    async def begin_totp(self, domain: DomainId, user: UserId, new_secret: bytes, until: datetime) -> None:
        """Beside the one that is turned on, which goes on counting until the new one is confirmed."""

    async def confirm_totp(
        self, domain: DomainId, user: UserId, new_secret: bytes, step: int, codes: Sequence[bytes], audit: AuditLine
    ) -> bool:
        """Turns the new one on in place of whatever there was, with new recovery codes; all or nothing.

        False if `new_secret` is not the one that is being set up any more, or its time is over at `audit.at`.
        """

    async def use_step(self, domain: DomainId, user: UserId, secret: bytes, step: int, resealed: bytes) -> bool:
        """False if a code of this step or a later one was used before, or the secret is not `secret` any more."""

    async def use_recovery_code(self, domain: DomainId, user: UserId, code: bytes, audit: AuditLine) -> bool:
        """Gives it out once: of several that use it at the same time, one can."""

    async def replace_recovery_codes(
        self, domain: DomainId, user: UserId, codes: Sequence[bytes], audit: AuditLine
    ) -> bool:
        """False if no authenticator app is turned on."""

    async def turn_off(self, domain: DomainId, user: UserId, audit: AuditLine) -> bool:
        """Forgets everything of it. False if there was nothing."""

    async def logged_in_at(self, domain: DomainId, user: UserId, session: SessionId) -> datetime | None:
        """When this login of the user's own began; None: there is none, or it is a mask."""

    async def without(self, domain: DomainId) -> int:
        """How many who may log in have neither an authenticator app nor a passkey."""

    async def is_required(self, domain: DomainId) -> bool: ...

    async def require(self, domain: DomainId, required: bool, audit: AuditLine) -> bool:
        """What it was before. Writes down only what changes something. Raises `NotFound`: there is no such domain."""


class PendingLoginStore(Protocol):
    async def keep(self, domain: DomainId, token_hash: bytes, login: PendingLogin, seconds: int) -> None: ...

    async def take(self, domain: DomainId, token_hash: bytes) -> PendingLogin | None:
        """Gives it out once: of several that ask at the same time, one gets it."""


class CodeThrottle(Protocol):
    """Counts codes by account, whoever types them: only those come here who know the password."""

    async def attempt(self, domain: DomainId, user: UserId) -> float:
        """Seconds to wait before a code may be looked at; 0: go ahead, and the attempt is counted."""

    async def succeeded(self, domain: DomainId, user: UserId) -> None:
        """Forgets the attempts."""
