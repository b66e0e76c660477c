"""One's own logins, shown and ended. What is ended is closed at once, on every gateway."""

from collections.abc import Callable
from datetime import datetime

from accounts.auditing import line_of
from accounts.entering import tell_ended
from accounts.permissions import Permission, may
from accounts.service import now_utc
from accounts.sessions.errors import LoginGone, NotWhileMasked
from accounts.sessions.model import OpenLogin
from accounts.sessions.store import SessionStore
from wire.announce import Announcer
from wire.identity import Caller, SessionId
from wire.security import Login, Logins, LoginsEnded


class SessionService:
    """Raises `NotWhileMasked` to whoever acts as somebody else: it is that person's logins that would be shown."""

    def __init__(self, store: SessionStore, announcer: Announcer, clock: Callable[[], datetime] = now_utc) -> None:
        self._store = store
        self._announcer = announcer
        self._clock = clock

    async def list_own(self, caller: Caller) -> Logins:
        _check(caller)
        found = await self._store.open_logins(caller.domain, caller.user, self._clock())
        return Logins(items=[_shown(each, caller.session) for each in found])

    async def end_own(self, caller: Caller, session: SessionId) -> None:
        """Raises `LoginGone` if it is over already, or was never the caller's."""
        _check(caller)
        audit = line_of(caller, self._clock(), "session.ended", f"session:{session}")
        ended = await self._store.end_own(caller.domain, caller.user, session, audit)
        if not ended:
            raise LoginGone
        await tell_ended(self._announcer, caller.domain, ended)

    async def end_others(self, caller: Caller) -> LoginsEnded:
        """All but the one that is asking."""
        _check(caller)
        audit = line_of(caller, self._clock(), "sessions.others_ended", f"user:{caller.user}")
        ended = await self._store.end_others(caller.domain, caller.user, caller.session, audit)
        await tell_ended(self._announcer, caller.domain, ended)
        return LoginsEnded(ended=len(ended))


def _check(caller: Caller) -> None:
    if not may(caller, Permission.CHANGE_OWN_SECRETS):
        raise NotWhileMasked


def _shown(login: OpenLogin, current: SessionId) -> Login:
    return Login(
        session=login.session,
        current=login.session == current,
        kind=login.kind.value,
        user_agent=login.user_agent,
        address=login.address,
        created_at=login.created_at,
        used_at=login.last_used_at,
        ends_at=login.ends_at,
    )
