"""Logging in and out, who is calling, and a user's own profile.

The rules are in `permissions`, `passwords` and `profiles`; here they meet the store, and here changes are announced.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Protocol

import structlog

from accounts.entering import SESSION_IDLE, PasswordCheck, SessionStarter, me_of, tell_ended
from accounts.errors import ProfileHasChanged, SessionOver, WrongLogin
from accounts.model import Account, AuditLine, Session
from accounts.permissions import Permission, Person, may, reaches
from accounts.profiles import ProfileChange, Visibility, coworker_of, plan_edit, profile_of
from accounts.store import AccountStore, TicketStore
from accounts.tokens import hash_token, make_token, parse_token
from wire.announce import Announcer
from wire.errors import Invalid, NotAllowed, NotFound, Unavailable
from wire.events import DirectoryChanged, EndReason, ProfileChanged
from wire.http import LoggedIn, LoginRequest, Me, Profile, ProfileEdit, TicketMade
from wire.identity import Caller, DomainId, SessionId, UserId
from wire.operations import Client
from wire.records import Coworker

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
        passwords: PasswordCheck,
        announcer: Announcer,
        listing: Listing,
        clock: Callable[[], datetime] = now_utc,
    ) -> None:
        self._store = store
        self._tickets = tickets
        self._passwords = passwords
        self._announcer = announcer
        self._listing = listing
        self._clock = clock
        self._starter = SessionStarter(store, clock)

    # ------------------------------------------------------------ logging in and out

    async def login(self, request: LoginRequest, client: Client) -> tuple[str, LoggedIn]:
        """A new session's token, for the cookie, and what the client is told.

        Raises `WrongLogin`, `TooManyAttempts` with the seconds to wait, `MayNotLogIn`, `Invalid` and `Unavailable`.
        """
        domain, login_name = parse_login(request.login)
        for _ in range(_LOGIN_ATTEMPTS):
            known = await self._passwords.check(domain, login_name, request.password, client.address)
            account = await self._account(domain, known.user)
            started = await self._starter.start(
                account, client, bearer=request.bearer, password_hash=known.password_hash
            )
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
