"""One's own passkeys, and logging in with one."""

from collections.abc import Callable
from datetime import datetime, timedelta

from accounts.alerts import NO_ALERTS, Alerts, Happened
from accounts.auditing import line_of
from accounts.entering import SessionStarter
from accounts.errors import MayNotLogIn, TooManyBegun
from accounts.factors.service import FactorService
from accounts.model import Account
from accounts.passkeys import ceremonies
from accounts.passkeys.errors import NotYourPasskeys, PasskeyGone, PasskeyOver, WrongPasskey
from accounts.passkeys.model import Passkey, PasskeyId, PendingPasskey
from accounts.passkeys.store import PasskeyStore, PendingPasskeyStore
from accounts.passkeys.using import PasskeyUse
from accounts.permissions import Permission, may
from accounts.service import now_utc
from accounts.store import AccountStore, BeginThrottle
from accounts.tokens import hash_token, make_session_id, make_token, parse_token
from wire.errors import Invalid
from wire.http import LoggedIn
from wire.identity import Caller, DomainId, Scope
from wire.operations import Client
from wire.security import NewPasskey, OwnPasskey, OwnPasskeys, PasskeyBegun, PasskeyLogin, Proof

GOOD = timedelta(minutes=5)
MOST_PASSKEYS = 20


class PasskeyService:
    def __init__(
        self,
        store: PasskeyStore,
        pending: PendingPasskeyStore,
        use: PasskeyUse,
        factors: FactorService,
        accounts: AccountStore,
        starter: SessionStarter,
        throttle: BeginThrottle,
        clock: Callable[[], datetime] = now_utc,
        alerts: Alerts = NO_ALERTS,
    ) -> None:
        self._store = store
        self._pending = pending
        self._use = use
        self._factors = factors
        self._accounts = accounts
        self._starter = starter
        self._throttle = throttle
        self._clock = clock
        self._alerts = alerts

    # ------------------------------------------------------------ one's own

    async def mine(self, caller: Caller) -> OwnPasskeys:
        _check(caller)
        found = await self._store.passkeys(caller.domain, caller.user)
        return OwnPasskeys(available=self._use.is_possible, items=[_shown(each) for each in found])

    async def begin(self, caller: Caller, proof: Proof, client: Client) -> PasskeyBegun:
        """To make one. Raises `NotYourPasskeys`, `NoPasskeysHere`, and as `FactorService.prove` does."""
        account = await self._own(caller)
        place = self._use.place
        await self._factors.prove(caller, account, proof, client)
        challenge = ceremonies.make_challenge()
        known = await self._store.passkeys(caller.domain, caller.user)
        options = ceremonies.options_to_make(
            place,
            challenge,
            domain=caller.domain,
            user=caller.user,
            login=account.login,
            name=f"{account.first_name} {account.last_name}".strip() or account.login,
            known=[each.credential for each in known],
        )
        return await self._begun(caller.domain, PendingPasskey(user=caller.user, challenge=challenge), options)

    async def add(self, caller: Caller, new: NewPasskey) -> OwnPasskey:
        """Raises `PasskeyOver`, `WrongPasskey`, `PasskeyKnown`, `TooManyPasskeys` and `Invalid` with the field."""
        _check(caller)
        name = new.name.strip()
        if not name:
            raise Invalid("A passkey needs a name", field="name")
        domain, pending = await self._taken(new.token)
        if pending.user != caller.user or domain != caller.domain:
            raise PasskeyOver
        made = ceremonies.made(self._use.place, pending.challenge, new.passkey)
        now = self._clock()
        passkey = Passkey(
            passkey=PasskeyId(make_session_id()),
            domain=caller.domain,
            user=caller.user,
            credential=made.credential,
            public_key=made.public_key,
            uses=made.uses,
            name=name,
            created_at=now,
            last_used_at=None,
        )
        audit = line_of(caller, now, "passkey.added", f"passkey:{passkey.passkey}", None, {"name": name})
        await self._store.add(passkey, MOST_PASSKEYS, audit)
        self._alerts.tell(caller.domain, caller.user, Happened.PASSKEY_ADDED, caller.address)
        return _shown(passkey)

    async def remove(self, caller: Caller, passkey: PasskeyId, proof: Proof, client: Client) -> None:
        """Raises `PasskeyGone`, and as `FactorService.prove` does."""
        account = await self._own(caller)
        await self._factors.prove(caller, account, proof, client)
        audit = line_of(caller, self._clock(), "passkey.removed", f"passkey:{passkey}")
        if not await self._store.remove(caller.domain, caller.user, passkey, audit):
            raise PasskeyGone
        self._alerts.tell(caller.domain, caller.user, Happened.PASSKEY_REMOVED, client.address)

    # ------------------------------------------------------------ getting in

    async def ask(self, domain: str, client: Client) -> PasskeyBegun:
        """For whatever passkey a browser has; the same whoever exists.

        Raises `NoPasskeysHere`, `TooManyBegun` and `Unavailable`.
        """
        wait = await self._throttle.begin(client.address)
        if wait > 0:
            raise TooManyBegun(wait)
        where = DomainId(domain.lower())
        challenge, options = await self._use.ask(where)
        return await self._begun(where, PendingPasskey(user=None, challenge=challenge), options)

    async def enter(self, login: PasskeyLogin, client: Client) -> tuple[str, LoggedIn]:
        """A new session's token, for the cookie, and what the client is told. No second factor is asked for.

        Raises `PasskeyOver`, `WrongPasskey`, `MayNotLogIn` and `Unavailable`.
        """
        domain, pending = await self._taken(login.token)
        if pending.user is not None:
            raise PasskeyOver
        user = await self._use.use(domain, pending.challenge, login.passkey)
        account = await self._accounts.account(domain, user)
        if account is None:
            raise WrongPasskey
        if account.disabled or account.scope is Scope.NO_PORTAL:
            raise MayNotLogIn
        started = await self._starter.start(account, client, bearer=login.bearer)
        if started is None:
            raise WrongPasskey
        return started

    # ------------------------------------------------------------ inside

    async def _begun(self, domain: DomainId, pending: PendingPasskey, options: str) -> PasskeyBegun:
        token = make_token(domain)
        await self._pending.keep(domain, hash_token(token), pending, int(GOOD.total_seconds()))
        return PasskeyBegun(token=token, options=options)

    async def _taken(self, token: str) -> tuple[DomainId, PendingPasskey]:
        parsed = parse_token(token)
        pending = await self._pending.take(parsed.domain, parsed.hash) if parsed else None
        if parsed is None or pending is None:
            raise PasskeyOver
        return parsed.domain, pending

    async def _own(self, caller: Caller) -> Account:
        _check(caller)
        account = await self._accounts.account(caller.domain, caller.user)
        if account is None:
            raise NotYourPasskeys
        return account


def _check(caller: Caller) -> None:
    if not may(caller, Permission.CHANGE_OWN_SECRETS):
        raise NotYourPasskeys


def _shown(passkey: Passkey) -> OwnPasskey:
    return OwnPasskey(
        passkey=passkey.passkey, name=passkey.name, created_at=passkey.created_at, used_at=passkey.last_used_at
    )
