"""Whether a code is right: of an authenticator app, so many a day; or a recovery code. Each is good once."""

from collections.abc import Callable
from datetime import datetime

from accounts.alerts import NO_ALERTS, Alerts, Happened
from accounts.factors import recovery_codes, totp
from accounts.factors.errors import TooManyCodes, WrongCode
from accounts.factors.sealing import Seal
from accounts.factors.store import CodeThrottle, FactorStore
from accounts.model import AuditLine
from wire.identity import DomainId, UserId
from wire.operations import Client


class CodeCheck:
    def __init__(
        self,
        store: FactorStore,
        throttle: CodeThrottle,
        seal: Seal,
        clock: Callable[[], datetime],
        alerts: Alerts = NO_ALERTS,
    ) -> None:
        self._store = store
        self._throttle = throttle
        self._seal = seal
        self._clock = clock
        self._alerts = alerts

    async def use(self, domain: DomainId, user: UserId, code: str, client: Client) -> None:
        """Uses the code up. Raises `WrongCode`, `TooManyCodes` and `Unavailable`."""
        hashed = recovery_codes.hash_of(code)
        if hashed is not None:
            # Not counted: nobody guesses eighty bits, and whoever was kept out by guesses of others gets in by this.
            await self._use_recovery_code(domain, user, hashed, client)
            return
        await self.count(domain, user)
        found = await self._store.totp(domain, user)
        if found is None or found.secret is None:
            raise WrongCode
        secret = self._seal.open(found.secret, about(domain, user))
        step = totp.step_of(plain(code), secret, self._clock())
        if step is None:
            raise WrongCode
        resealed = (
            found.secret if self._seal.is_current(found.secret) else self._seal.close(secret, about(domain, user))
        )
        if not await self._store.use_step(domain, user, found.secret, step, resealed):
            raise WrongCode
        await self.forget(domain, user)

    async def count(self, domain: DomainId, user: UserId) -> None:
        """Before any code of an app is looked at. Raises `TooManyCodes`."""
        wait = await self._throttle.attempt(domain, user)
        if wait > 0:
            raise TooManyCodes(wait)

    async def forget(self, domain: DomainId, user: UserId) -> None:
        """After a right one."""
        await self._throttle.succeeded(domain, user)

    async def _use_recovery_code(self, domain: DomainId, user: UserId, hashed: bytes, client: Client) -> None:
        audit = AuditLine(
            at=self._clock(),
            user=user,
            operator=None,
            action="second_factor.recovery_code_used",
            target=f"user:{user}",
            address=client.address,
        )
        if not await self._store.use_recovery_code(domain, user, hashed, audit):
            raise WrongCode
        self._alerts.tell(domain, user, Happened.CODE_USED, client.address)


def about(domain: DomainId, user: UserId) -> str:
    """Whose sealed secret it is."""
    return f"totp {user}@{domain}"


def plain(code: str) -> str:
    """Apps show codes in groups, and people type them so."""
    return code.replace(" ", "").replace("-", "")
