"""Changing one's own password: with the one until now, under the same limits as a login; ends all other logins."""

from collections.abc import Callable
from datetime import datetime

from accounts.alerts import NO_ALERTS, Alerts, Happened
from accounts.auditing import line_of
from accounts.entering import PasswordCheck, tell_ended
from accounts.errors import WrongLogin
from accounts.own_password.errors import ChangedMeanwhile, NotThePassword, NotYoursToChange
from accounts.own_password.store import OwnPasswordStore
from accounts.passwords import Passwords, problem_with_password
from accounts.permissions import Permission, may
from accounts.service import now_utc
from accounts.store import AccountStore
from wire.announce import Announcer
from wire.errors import Invalid
from wire.identity import Caller
from wire.operations import Client
from wire.security import PasswordChange


class OwnPasswordService:
    def __init__(
        self,
        store: OwnPasswordStore,
        accounts: AccountStore,
        check: PasswordCheck,
        passwords: Passwords,
        announcer: Announcer,
        clock: Callable[[], datetime] = now_utc,
        alerts: Alerts = NO_ALERTS,
    ) -> None:
        self._store = store
        self._accounts = accounts
        self._check = check
        self._passwords = passwords
        self._announcer = announcer
        self._clock = clock
        self._alerts = alerts

    async def change(self, caller: Caller, change: PasswordChange, client: Client) -> None:
        """Raises `NotYoursToChange`, `Invalid` with the field, `TooManyAttempts`, `ChangedMeanwhile`, `Unavailable`."""
        account = await self._accounts.account(caller.domain, caller.user)
        if account is None or not may(caller, Permission.CHANGE_OWN_SECRETS):
            raise NotYoursToChange
        problem = problem_with_password(change.password, login_name=account.login_name, extension=account.extension)
        if problem or change.password == change.current:
            raise Invalid(problem or "This is the password you have already", field="password")
        try:
            known = await self._check.check(account.domain, account.login_name, change.current, client.address)
        except WrongLogin:
            raise NotThePassword from None
        new = await self._passwords.hash(caller.domain, change.password)
        audit = line_of(caller, self._clock(), "password.changed", f"user:{caller.user}")
        ended = await self._store.change(caller.domain, caller.user, known.password_hash, new, caller.session, audit)
        if ended is None:
            raise ChangedMeanwhile
        self._alerts.tell(caller.domain, caller.user, Happened.PASSWORD_CHANGED, client.address)
        await tell_ended(self._announcer, caller.domain, ended)
