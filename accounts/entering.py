"""What every way in has in common: the password where there is one, and the session that begins.

Services use these; nothing here announces.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from accounts.errors import MayNotLogIn, TooManyAttempts, WrongLogin
from accounts.model import Account, Credentials, EndedSession, NewSession, SessionKind
from accounts.passwords import MAX_PASSWORD_LENGTH, Passwords
from accounts.permissions import permissions_of
from accounts.store import AccountStore, LoginThrottle
from accounts.tokens import hash_token, make_session_id, make_token
from wire.announce import Announcer
from wire.events import EndReason
from wire.http import LoggedIn, Me
from wire.identity import DomainId, Scope, UserId
from wire.operations import Client

SESSION_IDLE = timedelta(days=14)
"""A login that nobody uses ends after this."""
SESSION_AT_MOST = timedelta(days=90)
"""However much it is used, a login ends after this."""


class Known(Struct, frozen=True):
    """Whose password was right, and as what it is kept now."""

    user: UserId
    password_hash: str


class PasswordCheck:
    """Counts attempts, and does the same work for whoever does not exist."""

    def __init__(self, store: AccountStore, throttle: LoginThrottle, passwords: Passwords) -> None:
        self._store = store
        self._throttle = throttle
        self._passwords = passwords

    async def check(self, domain: DomainId, login_name: str, password: str, address: str) -> Known:
        """Raises `WrongLogin`, `TooManyAttempts` with the seconds to wait, `MayNotLogIn` and `Unavailable`."""
        wait = await self._throttle.attempt(domain, login_name, address)
        if wait > 0:
            raise TooManyAttempts(wait)
        found = await self._store.credentials(domain, login_name)
        hashed = await self._hash_if_right(domain, found, password)
        if found is None or hashed is None:
            await self._throttle.failed(address)
            raise WrongLogin
        await self._throttle.succeeded(domain, login_name, address)
        if found.disabled or found.scope is Scope.NO_PORTAL:
            raise MayNotLogIn
        return Known(found.user, hashed)

    async def _hash_if_right(self, domain: DomainId, found: Credentials | None, password: str) -> str | None:
        """As it is kept now."""
        if len(password) > MAX_PASSWORD_LENGTH:
            return None
        hashed = found.password_hash if found else None
        verdict = await self._passwords.check(domain, hashed, password)
        if found and hashed and verdict.needs_rehash:
            new = await self._passwords.hash(domain, password)
            await self._store.replace_password_hash(domain, found.user, hashed, new)
            return new
        return hashed if verdict.matches else None


class SessionStarter:
    def __init__(self, store: AccountStore, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._clock = clock

    async def start(
        self, account: Account, client: Client, *, bearer: bool, password_hash: str | None = None
    ) -> tuple[str, LoggedIn] | None:
        """A new session's token, for the cookie, and what the client is told.

        None if the password is not (any more) the one of `password_hash`.
        """
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
            language=client.language,
            created_at=now,
            expires_at=now + SESSION_IDLE,
            absolute_expires_at=now + SESSION_AT_MOST,
        )
        if not await self._store.start_session(session, password_hash):
            return None
        return token, LoggedIn(me=me_of(account), expires_at=session.expires_at, token=token if bearer else None)


def me_of(account: Account, operator: UserId | None = None) -> Me:
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


async def tell_ended(announcer: Announcer, domain: DomainId, ended: Sequence[EndedSession]) -> None:
    """Closes the connections of logins that have ended. After the commit."""
    for user in {session.user for session in ended}:
        sessions = [session.session for session in ended if session.user == user]
        await announcer.end_sessions(domain, user, EndReason.ENDED, sessions)
