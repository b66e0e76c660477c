"""Putting a mask on and taking it off, and noting what is done behind it."""

from collections.abc import Callable
from datetime import datetime, timedelta

from accounts.auditing import line_of
from accounts.entering import me_of, tell_ended
from accounts.errors import SessionOver
from accounts.masks.errors import NoMask, NotYoursToMask
from accounts.masks.model import NewMask
from accounts.masks.store import MaskStore
from accounts.model import SessionKind
from accounts.permissions import Permission, may
from accounts.service import now_utc
from accounts.tokens import hash_token, make_session_id, make_token
from wire.announce import Announcer
from wire.events import EndReason
from wire.http import LoggedIn
from wire.identity import Caller, UserId
from wire.operations import Client

MASK_AT_MOST = timedelta(hours=8)
"""A mask that was forgotten is off by the next day."""


class MaskService:
    def __init__(self, store: MaskStore, announcer: Announcer, clock: Callable[[], datetime] = now_utc) -> None:
        self._store = store
        self._announcer = announcer
        self._clock = clock

    async def begin(self, caller: Caller, user: UserId, client: Client) -> tuple[str | None, LoggedIn]:
        """The token for the cookie, if the operator's login has one, and what the client is told. The mask is a login
        of its own beside the operator's, and over with it.

        Raises `NotYoursToMask`, `SessionOver` and `Unavailable`.
        """
        account = await self._store.account(caller.domain, user)
        if account is None or account.is_system or account.disabled or not may(caller, Permission.MASK, account.person):
            raise NotYoursToMask
        token, now = make_token(caller.domain), self._clock()
        mask = NewMask(
            session=make_session_id(),
            domain=caller.domain,
            token_hash=hash_token(token),
            user=user,
            operator=caller.user,
            operator_session=caller.session,
            user_agent=client.user_agent[:512],
            address=client.address,
            created_at=now,
            expires_at=now + MASK_AT_MOST,
        )
        begun = await self._store.begin(mask, line_of(caller, now, "mask.begun", f"user:{user}"))
        if begun is None:
            raise SessionOver
        await tell_ended(self._announcer, caller.domain, begun.ended)
        is_cookie = begun.kind is SessionKind.COOKIE
        told = LoggedIn(me=me_of(account, caller.user), expires_at=begun.expires_at, token=None if is_cookie else token)
        return (token if is_cookie else None), told

    async def end(self, caller: Caller) -> tuple[str | None, LoggedIn]:
        """Back to one's own login: its new token for the cookie, if it has one. Raises `NoMask`, `SessionOver`."""
        if caller.operator is None:
            raise NoMask
        token = make_token(caller.domain)
        audit = line_of(caller, self._clock(), "mask.ended", f"user:{caller.user}")
        taken_off = await self._store.end(caller, hash_token(token), audit)
        account = await self._store.account(caller.domain, caller.operator)
        if taken_off is None or account is None:
            raise SessionOver
        await self._announcer.end_sessions(caller.domain, caller.user, EndReason.ENDED, [caller.session])
        told = LoggedIn(me=me_of(account), expires_at=taken_off.expires_at)
        return (token if taken_off.kind is SessionKind.COOKIE else None), told

    async def note(self, caller: Caller, action: str, after: dict[str, object]) -> None:
        """Something that a mask did and that leaves no line of its own."""
        target = f"user:{caller.user}"
        await self._store.note(caller.domain, line_of(caller, self._clock(), action, target, None, after))
