"""Who may reset whom, and what follows from it: every login is over at once."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Protocol

from accounts.auditing import line_of
from accounts.entering import tell_ended
from accounts.model import Account
from accounts.permissions import Permission, may
from accounts.profiles.errors import refused_of
from accounts.resets.store import ResetStore
from accounts.service import now_utc
from wire.accounts import ResetPart, UserReset
from wire.announce import Announcer
from wire.errors import NotAllowed
from wire.http import UserAccount
from wire.identity import Caller, DomainId, UserId


class Statuses(Protocol):
    """presence/service.py: what somebody set by hand, which switches and watchers have to hear of."""

    async def set_dnd(self, domain: DomainId, user: UserId, on: bool) -> None: ...

    async def set_appear_offline(self, domain: DomainId, user: UserId, on: bool) -> None: ...

    async def set_message(self, domain: DomainId, user: UserId, message: str, until_ms: int) -> None: ...


class ResetService:
    """`changed` hears of whoever was reset, after the commit."""

    def __init__(
        self,
        store: ResetStore,
        announcer: Announcer,
        statuses: Statuses,
        changed: Callable[[Account], Awaitable[None]],
        clock: Callable[[], datetime] = now_utc,
    ) -> None:
        self._store = store
        self._announcer = announcer
        self._statuses = statuses
        self._changed = changed
        self._clock = clock

    async def reset(self, caller: Caller, user: UserId, reset: UserReset) -> UserAccount:
        """Deletes what is named, for good. May be repeated. Raises `NotAllowed` and `Unavailable`."""
        account = await self._store.account(caller.domain, user)
        if account is None or account.is_system or not may(caller, Permission.RESET_USER, account.person):
            raise refused_of(caller, account, NotAllowed("This user is not yours to reset"))
        parts = frozenset(reset.what)
        after: dict[str, object] = {"what": sorted(parts)}
        audit = line_of(caller, self._clock(), "user.reset", f"user:{user}", None, after)
        ended = await self._store.reset(caller.domain, user, parts, audit)
        await tell_ended(self._announcer, caller.domain, ended)
        if ResetPart.STATUS in parts:
            await self._statuses.set_dnd(caller.domain, user, False)
            await self._statuses.set_appear_offline(caller.domain, user, False)
            await self._statuses.set_message(caller.domain, user, "", 0)
        account = await self._store.account(caller.domain, user) or account
        await self._changed(account)
        return UserAccount(user=user, status=account.status.value)
