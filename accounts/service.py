"""Logging in and out, and who is calling. The rules are in `permissions` and `passwords`; here they meet the store."""

import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol

from accounts.auditing import line_of
from accounts.entering import SESSION_IDLE, PasswordCheck, SessionStarter, me_of, tell_ended
from accounts.errors import SessionOver, WrongLogin
from accounts.model import Account, Session
from accounts.permissions import Permission, may
from accounts.store import AccountStore, TicketStore
from accounts.tokens import hash_token, make_token, parse_token
from wire.announce import Announcer
from wire.errors import Invalid, NotAllowed, NotFound
from wire.events import EndReason
from wire.http import LoggedIn, LoginRequest, Me, TicketMade
from wire.identity import Caller, DomainId, SessionId, UserId
from wire.operations import Client

PROLONG_EVERY = timedelta(minutes=5)
"""How exactly the last use is known; writing it down with each request would cost a commit each."""
TICKET_SECONDS = 30
_LOGIN_ATTEMPTS = 3
"""The password, or only how it is hashed, may change while it is being checked."""
_LOGIN = re.compile(r"(?P<name>\S+)@(?P<domain>[a-z0-9._-]{1,253})")


def now_utc() -> datetime:
    return datetime.now(UTC)


class SecondStep(Protocol):
    """accounts/factors/second_step.py."""

    async def hold(self, account: Account, password_hash: str, *, bearer: bool) -> None: ...


class AccountService:
    """`client.address` and `clock` are the caller's word; nothing here trusts a domain that a client names."""

    def __init__(
        self,
        store: AccountStore,
        tickets: TicketStore,
        passwords: PasswordCheck,
        second_step: SecondStep,
        announcer: Announcer,
        clock: Callable[[], datetime] = now_utc,
    ) -> None:
        self._store = store
        self._tickets = tickets
        self._passwords = passwords
        self._second_step = second_step
        self._announcer = announcer
        self._clock = clock
        self._starter = SessionStarter(store, clock)

    # ------------------------------------------------------------ logging in and out

    async def login(self, request: LoginRequest, client: Client) -> tuple[str, LoggedIn]:
        """A new session's token, for the cookie, and what the client is told.

        Raises `WrongLogin`, `TooManyAttempts` with the seconds to wait, `MayNotLogIn`, `Invalid` and `Unavailable`; and
        `SecondFactorRequired` if the password was right and is not enough.
        """
        domain, login_name = parse_login(request.login)
        for _ in range(_LOGIN_ATTEMPTS):
            known = await self._passwords.check(domain, login_name, request.password, client.address)
            account = await self._account(domain, known.user)
            await self._second_step.hold(account, known.password_hash, bearer=request.bearer)
            started = await self._starter.start(
                account, client, bearer=request.bearer, password_hash=known.password_hash
            )
            if started is not None:
                return started
        raise WrongLogin

    async def logout(self, caller: Caller) -> None:
        """Ends the session, and closes its connections everywhere."""
        for each in await self._store.end_session(caller.domain, caller.session):
            await self._announcer.end_sessions(caller.domain, each.user, EndReason.LOGGED_OUT, [each.session])

    async def end_sessions(self, caller: Caller, user: UserId) -> None:
        """Logs a user out everywhere: oneself, or somebody whose password the caller may reset."""
        account = await self._account_or_none(caller.domain, user)
        is_self = user == caller.user and caller.operator is None
        if account is None or not (is_self or may(caller, Permission.RESET_PASSWORD, account.person)):
            raise NotAllowed("This user's logins are not yours to end")
        ended = await self._store.end_sessions(
            caller.domain, user, line_of(caller, self._clock(), "sessions.ended", f"user:{user}")
        )
        await tell_ended(self._announcer, caller.domain, ended)

    # ------------------------------------------------------------ who is calling

    async def caller_of(self, token: str) -> Caller:
        """Whose token this is. Raises `SessionOver`. Never from a cache: a session that was ended is over at once."""
        parsed = parse_token(token)
        if parsed is None:
            raise SessionOver
        return await self._admitted(await self._store.session_by_token(parsed.domain, parsed.hash))

    async def caller_of_session(self, domain: DomainId, session: SessionId) -> Caller:
        """The caller as of now, for connections that have been open for a while. Raises `SessionOver`."""
        return await self._admitted(await self._store.session_by_id(domain, session))

    async def make_ticket(self, caller: Caller) -> TicketMade:
        """Opens one WebSocket in the caller's session, for clients that may not hold the token."""
        ticket = make_token(caller.domain)
        await self._tickets.keep(caller.domain, hash_token(ticket), caller.session, TICKET_SECONDS)
        return TicketMade(ticket, TICKET_SECONDS)

    async def caller_of_ticket(self, ticket: str) -> Caller:
        """Uses the ticket up. Raises `SessionOver` if it was used before, is too old, or its session has ended."""
        parsed = parse_token(ticket)
        if parsed is None:
            raise SessionOver
        session = await self._tickets.take(parsed.domain, parsed.hash)
        if session is None:
            raise SessionOver
        return await self.caller_of_session(parsed.domain, session)

    async def me(self, caller: Caller) -> Me:
        return me_of(await self._account(caller.domain, caller.user), caller.operator)

    # ------------------------------------------------------------ inside

    async def _admitted(self, session: Session | None) -> Caller:
        now = self._clock()
        if session is None or not session.is_good(now):
            raise SessionOver
        if now - session.last_used_at >= PROLONG_EVERY:
            until = min(now + SESSION_IDLE, session.absolute_expires_at)
            await self._store.prolong_session(session.domain, session.session, now, until)
        return session.caller

    async def _account_or_none(self, domain: DomainId, user: UserId) -> Account | None:
        return await self._store.account(domain, user)

    async def _account(self, domain: DomainId, user: UserId) -> Account:
        account = await self._store.account(domain, user)
        if account is None:
            raise NotFound("This user does not exist any more")
        return account


def parse_login(login: str) -> tuple[DomainId, str]:
    """`Name@Domain` -> (domain, name), both in lower case. Raises `Invalid`."""
    match = _LOGIN.fullmatch(unicodedata.normalize("NFC", login.strip().lower()))
    if match is None:
        raise Invalid("Write the login as name@domain", field="login")
    return DomainId(match["domain"]), match["name"]
