"""Between the password and the session: logins that wait for a second factor."""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec

from accounts.entering import SessionStarter
from accounts.factors.checking import CodeCheck
from accounts.factors.errors import LoginOver
from accounts.factors.model import Factors, PendingLogin
from accounts.factors.service import FactorService
from accounts.factors.store import FactorStore, PendingLoginStore
from accounts.model import Account, Credentials
from accounts.passkeys.errors import WrongPasskey
from accounts.passkeys.using import PasskeyUse
from accounts.store import AccountStore
from accounts.tokens import ParsedToken, hash_token, make_token, parse_token
from wire.errors import SecondFactorRequired, WrongCredentials
from wire.http import LoggedIn
from wire.operations import Client
from wire.security import PasskeyAsked, SecondStep, TotpSetUp

GOOD = timedelta(minutes=5)
TRIES = 5
"""Codes for one token; then the password is asked for again."""


class SecondStepService:
    def __init__(
        self,
        pending: PendingLoginStore,
        store: FactorStore,
        accounts: AccountStore,
        codes: CodeCheck,
        factors: FactorService,
        passkeys: PasskeyUse,
        starter: SessionStarter,
        clock: Callable[[], datetime],
    ) -> None:
        self._pending = pending
        self._store = store
        self._accounts = accounts
        self._codes = codes
        self._factors = factors
        self._passkeys = passkeys
        self._starter = starter
        self._clock = clock

    async def hold(self, account: Account, password_hash: str, *, bearer: bool) -> None:
        """For somebody whose password was right. Returns if that is enough, raises `SecondFactorRequired` if not."""
        found = await self._store.factors(account.domain, account.user)
        if found.totp_since is None and not found.required:
            return
        methods = self._methods(found)
        token, ends_at = make_token(account.domain), self._clock() + GOOD
        login = PendingLogin(
            user=account.user,
            password=_fingerprint(password_hash),
            bearer=bearer,
            sets_up=methods == ["set_up"],
            tries=0,
            ends_at=ends_at,
        )
        await self._pending.keep(account.domain, hash_token(token), login, int(GOOD.total_seconds()))
        raise SecondFactorRequired(token, methods, int(GOOD.total_seconds()))

    async def set_up(self, token: str) -> TotpSetUp:
        """For who has to have a second factor and has none. Raises `LoginOver`."""
        parsed, login = await self._take(token)
        await self._keep_on(parsed, login)
        account, _ = await self._still(parsed, login)
        if not login.sets_up:
            raise LoginOver
        return await self._factors.set_up(account)

    async def ask_for_passkey(self, token: str) -> PasskeyAsked:
        """For one of the user's passkeys. Raises `LoginOver` and `NoPasskeysHere`."""
        parsed, login = await self._take(token)
        challenge, options = await self._passkeys.ask(parsed.domain, login.user)
        await self._keep_on(parsed, msgspec.structs.replace(login, challenge=challenge))
        return PasskeyAsked(options=options)

    async def finish(self, step: SecondStep, client: Client) -> tuple[str, LoggedIn]:
        """A new session's token, for the cookie, and what the client is told.

        Raises `LoginOver`, `WrongCode`, `WrongPasskey`, `TooManyCodes`, `SetUpOver` and `Unavailable`. After a wrong
        code the token stays good, some times.
        """
        parsed, login = await self._take(step.token)
        account, credentials = await self._still(parsed, login)
        codes: list[str] = []
        try:
            if login.sets_up:
                codes = (await self._factors.finish(parsed.domain, login.user, step.code, client)).codes
            elif step.passkey and not login.challenge:
                raise WrongPasskey  # nothing was asked, and an answer to nothing could be an old one
            elif step.passkey:
                await self._passkeys.use(parsed.domain, login.challenge, step.passkey, login.user)
            else:
                await self._codes.use(parsed.domain, login.user, step.code, client)
        except Exception as error:
            await self._keep_on(parsed, login, is_try=isinstance(error, WrongCredentials))
            raise
        started = await self._starter.start(
            account, client, bearer=login.bearer, password_hash=credentials.password_hash
        )
        if started is None:
            raise LoginOver
        session_token, logged_in = started
        return session_token, msgspec.structs.replace(logged_in, recovery_codes=codes)

    # ------------------------------------------------------------ inside

    def _methods(self, found: Factors) -> list[str]:
        code = ["code"] if found.totp_since is not None else []
        passkey = ["passkey"] if found.passkeys and self._passkeys.is_possible else []
        return [*code, *passkey] or ["set_up"]

    async def _take(self, token: str) -> tuple[ParsedToken, PendingLogin]:
        """Nobody else has it now: two codes at the same moment are two tries, and one login."""
        parsed = parse_token(token)
        login = await self._pending.take(parsed.domain, parsed.hash) if parsed else None
        if parsed is None or login is None or login.ends_at <= self._clock():
            raise LoginOver
        return parsed, login

    async def _keep_on(self, parsed: ParsedToken, login: PendingLogin, *, is_try: bool = False) -> None:
        again = msgspec.structs.replace(login, tries=login.tries + is_try)
        left = min(login.ends_at - self._clock(), GOOD)  # a clock that was put back makes nothing good for longer
        seconds = int(left.total_seconds())
        if again.tries < TRIES and seconds > 0:
            await self._pending.keep(parsed.domain, parsed.hash, again, seconds)

    async def _still(self, parsed: ParsedToken, login: PendingLogin) -> tuple[Account, Credentials]:
        """The user as of now. Raises `LoginOver` if the password is another one by now, or the user may not log in."""
        account = await self._accounts.account(parsed.domain, login.user)
        credentials = await self._accounts.credentials(parsed.domain, account.login_name) if account else None
        if account is None or credentials is None or credentials.disabled or not credentials.password_hash:
            raise LoginOver
        if _fingerprint(credentials.password_hash) != login.password:
            raise LoginOver
        return account, credentials


def _fingerprint(password_hash: str) -> bytes:
    return hashlib.sha256(password_hash.encode()).digest()
