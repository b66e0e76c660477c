"""Logging in and out, who is calling, and a user's own profile.

The rules are in `permissions`, `passwords` and `profiles`; here they meet the store, and here changes are announced.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Protocol

import structlog

from accounts.errors import MayNotLogIn, ProfileHasChanged, SessionOver, TooManyAttempts, WrongLogin
from accounts.model import Account, AuditLine, Credentials, NewSession, Session, SessionKind
from accounts.passwords import MAX_PASSWORD_LENGTH, Passwords
from accounts.permissions import Permission, Person, may, permissions_of, reaches
from accounts.profiles import ProfileChange, Visibility, coworker_of, plan_edit, profile_of
from accounts.store import AccountStore, LoginThrottle, TicketStore
from accounts.tokens import hash_token, make_session_id, make_token, parse_token
from wire.announce import Announcer
from wire.errors import Invalid, NotAllowed, NotFound, Unavailable
from wire.events import DirectoryChanged, EndReason, ProfileChanged
from wire.http import LoggedIn, LoginRequest, Me, Profile, ProfileEdit, TicketMade
from wire.identity import Caller, DomainId, Scope, SessionId, UserId
from wire.operations import Client
from wire.records import Coworker

SESSION_IDLE = timedelta(days=14)
"""A login that nobody uses ends after this."""
SESSION_AT_MOST = timedelta(days=90)
"""However much it is used, a login ends after this."""
PROLONG_EVERY = timedelta(minutes=5)
"""How exactly the last use is known; writing it down with each request would cost a commit each."""
TICKET_SECONDS = 30
_EDIT_ATTEMPTS = 3
_LOGIN_ATTEMPTS = 3
"""The password, or only how it is hashed, may change while it is being checked."""
_LOGIN = re.compile(r"(?P<name>\S+)@(?P<domain>[a-z0-9._-]{1,253})")

log = structlog.get_logger(__name__)


class Listing(Protocol):
    """Whoever has to know at once that a user is in the directory or not: presence, which hides or shows the colour."""

    async def listing_changed(self, domain: DomainId, user: UserId, listed: bool) -> None: ...


def now_utc() -> datetime:
    return datetime.now(UTC)


class AccountService:
    """`client.address` and `clock` are the caller's word; nothing here trusts a domain that a client names."""

    def __init__(
        self,
        store: AccountStore,
        tickets: TicketStore,
        throttle: LoginThrottle,
        passwords: Passwords,
        announcer: Announcer,
        listing: Listing,
        clock: Callable[[], datetime] = now_utc,
    ) -> None:
        self._store = store
        self._tickets = tickets
        self._throttle = throttle
        self._passwords = passwords
        self._announcer = announcer
        self._listing = listing
        self._clock = clock

    # ------------------------------------------------------------ logging in and out

    async def login(self, request: LoginRequest, client: Client) -> tuple[str, LoggedIn]:
        """A new session's token, for the cookie, and what the client is told.

        Raises `WrongLogin`, `TooManyAttempts` with the seconds to wait, `MayNotLogIn`, `Invalid` and `Unavailable`.
        """
        domain, login_name = parse_login(request.login)
        wait = await self._throttle.attempt(domain, login_name, client.address)
        if wait > 0:
            raise TooManyAttempts(wait)
        for _ in range(_LOGIN_ATTEMPTS):
            user, hashed = await self._authenticated(domain, login_name, request.password, client.address)
            account = await self._account(domain, user)
            started = await self._start_session(account, client, hashed, bearer=request.bearer)
            if started is not None:
                return started
        raise WrongLogin

    async def logout(self, caller: Caller) -> None:
        """Ends the session, and closes its connections everywhere."""
        await self._store.end_session(caller.domain, caller.session)
        await self._announcer.end_sessions(caller.domain, caller.user, EndReason.LOGGED_OUT, [caller.session])

    async def end_sessions(self, caller: Caller, user: UserId) -> None:
        """Logs a user out everywhere: oneself, or somebody whose password the caller may reset."""
        account = await self._account_or_none(caller.domain, user)
        is_self = user == caller.user and caller.operator is None
        if account is None or not (is_self or may(caller, Permission.RESET_PASSWORD, person_of(account))):
            raise NotAllowed("This user's logins are not yours to end")
        ended = await self._store.end_sessions(
            caller.domain, user, self._audit(caller, "sessions.ended", f"user:{user}", None, None)
        )
        for each in {session.user for session in ended}:
            sessions = [session.session for session in ended if session.user == each]
            await self._announcer.end_sessions(caller.domain, each, EndReason.ENDED, sessions)

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
        return _me(await self._account(caller.domain, caller.user), caller.operator)

    # ------------------------------------------------------------ the own profile

    async def profile(self, caller: Caller) -> Profile:
        return profile_of(caller, await self._account(caller.domain, caller.user))

    async def edit_profile(self, caller: Caller, edit: ProfileEdit) -> Profile:
        """Saves what the edit names, and tells the user's other clients and those who see the directory.

        An edit that changes nothing is fine and tells nobody. Raises `FieldNotEditable`, `Invalid` with the field, and
        `ProfileHasChanged` if the edit was made from an older revision.
        """
        for _ in range(_EDIT_ATTEMPTS):
            account = await self._account(caller.domain, caller.user)
            if isinstance(edit.rev, int) and edit.rev != account.rev:
                raise ProfileHasChanged
            change = plan_edit(caller, account, edit)
            if change is None:
                return profile_of(caller, account)
            saved = await self._save(caller, change)
            if saved is not None:
                await self._tell(account, saved, change.visibility)
                return profile_of(caller, saved)
        raise ProfileHasChanged

    # ------------------------------------------------------------ inside

    async def _authenticated(
        self, domain: DomainId, login_name: str, password: str, address: str
    ) -> tuple[UserId, str]:
        found = await self._store.credentials(domain, login_name)
        hashed = await self._hash_if_right(domain, found, password)
        if found is None or hashed is None:
            await self._throttle.failed(address)
            raise WrongLogin
        await self._throttle.succeeded(domain, login_name, address)
        if found.disabled or found.scope is Scope.NO_PORTAL:
            raise MayNotLogIn
        return found.user, hashed

    async def _hash_if_right(self, domain: DomainId, found: Credentials | None, password: str) -> str | None:
        """As it is kept now."""
        if len(password) > MAX_PASSWORD_LENGTH:
            return None
        hashed = found.password_hash if found else None
        verdict = await self._passwords.check(hashed, password)
        if found and hashed and verdict.needs_rehash:
            new = await self._passwords.hash(password)
            await self._store.replace_password_hash(domain, found.user, hashed, new)
            return new
        return hashed if verdict.matches else None

    async def _start_session(
        self, account: Account, client: Client, password_hash: str, *, bearer: bool
    ) -> tuple[str, LoggedIn] | None:
        """None if the password has changed since it was checked."""
        token = make_token(account.domain)
        now = self._clock()
        session = NewSession(
            session=make_session_id(),
            domain=account.domain,
            token_hash=hash_token(token),
            user=account.user,
            kind=SessionKind.BEARER if bearer else SessionKind.COOKIE,
            user_agent=client.user_agent[:512],
            address=client.address,
            created_at=now,
            expires_at=now + SESSION_IDLE,
            absolute_expires_at=now + SESSION_AT_MOST,
        )
        if not await self._store.start_session(session, password_hash):
            return None
        return token, LoggedIn(me=_me(account), expires_at=session.expires_at, token=token if bearer else None)

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

    async def _save(self, caller: Caller, change: ProfileChange) -> Account | None:
        target = f"user:{change.account.user}"
        audit = self._audit(caller, "profile.edited", target, change.before, change.after)
        return await self._store.change_profile(change.account, _STEPS[change.visibility], audit)

    def _audit(
        self,
        caller: Caller,
        action: str,
        target: str,
        before: dict[str, object] | None,
        after: dict[str, object] | None,
    ) -> AuditLine:
        return AuditLine(
            at=self._clock(),
            user=caller.user,
            operator=caller.operator,
            action=action,
            target=target,
            before=before,
            after=after,
        )

    async def _tell(self, before: Account, saved: Account, visibility: Visibility) -> None:
        """After the commit. The colour goes first: hiding it is what somebody who unlists is waiting for."""
        if before.is_listed != saved.is_listed:
            await self._tell_listing(saved)
        await self._announcer.announce(saved.domain, ProfileChanged(at=self._clock()), [saved.user])
        if visibility is not Visibility.UNTOUCHED:
            await self._tell_directory(saved, visibility)

    async def _tell_listing(self, saved: Account) -> None:
        try:
            await self._listing.listing_changed(saved.domain, saved.user, saved.is_listed)
        except Unavailable:
            # What was asked for is committed, and saying "it failed" would be wrong. Presence reads who is listed
            # again whenever it rebuilds the domain.
            log.warning("listing_not_told_to_presence", domain=saved.domain, user=saved.user)

    async def _tell_directory(self, saved: Account, visibility: Visibility) -> None:
        """Keeps everybody's position in step, also of those who may not know what changed.

        Who vanishes does so in two revisions: "gone" for everybody, and the entry again for those who still see it.
        """
        since, rev = saved.directory_rev - _STEPS[visibility], saved.directory_rev
        for_all: list[Coworker] = []
        if visibility is Visibility.CHANGED:
            for_all = [coworker_of(saved)]
        elif visibility is Visibility.UNLISTED:
            for_all = [Coworker(user=saved.user, rev=rev - 1, extension=saved.extension, gone=True)]
        await self._announcer.announce(saved.domain, DirectoryChanged(since=since, rev=rev, coworkers=for_all))
        if visibility is not Visibility.CHANGED:
            entry = DirectoryChanged(since=since, rev=rev, coworkers=[coworker_of(saved)])
            await self._announcer.announce(saved.domain, entry, await self._those_who_see_unlisted(saved))

    async def _those_who_see_unlisted(self, account: Account) -> Sequence[UserId]:
        target = person_of(account)
        managers = await self._store.managers(account.domain)
        seeing = {each.user for each in managers if reaches(each, Permission.SEE_UNLISTED, target)}
        return sorted(seeing | {account.user})


_STEPS = {
    Visibility.UNTOUCHED: 0,
    Visibility.CHANGED: 1,
    Visibility.CHANGED_UNLISTED: 1,
    Visibility.UNLISTED: 2,
}
"""By how much each kind of edit raises the directory's revision."""


def parse_login(login: str) -> tuple[DomainId, str]:
    """`Name@Domain` -> (domain, name), both in lower case. Raises `Invalid`."""
    match = _LOGIN.fullmatch(unicodedata.normalize("NFC", login.strip().lower()))
    if match is None:
        raise Invalid("Write the login as name@domain", field="login")
    return DomainId(match["domain"]), match["name"]


def person_of(account: Account) -> Person:
    return Person(
        domain=account.domain,
        user=account.user,
        scope=account.scope,
        site=account.site,
        listed=account.is_listed,
    )


def _me(account: Account, operator: UserId | None = None) -> Me:
    return Me(
        domain=account.domain,
        domain_name=account.domain_name,
        user=account.user,
        extension=account.extension,
        first_name=account.first_name,
        last_name=account.last_name,
        scope=account.scope.name.lower(),
        permissions=permissions_of(account.scope, masked=operator is not None),
        masked_by=operator,
    )
