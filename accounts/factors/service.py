"""Turning one's second factor on and off, and what a domain requires."""

from collections.abc import Callable
from datetime import datetime, timedelta

from accounts.alerts import NO_ALERTS, Alerts, Happened
from accounts.auditing import line_of
from accounts.entering import PasswordCheck
from accounts.errors import WrongLogin
from accounts.factors import recovery_codes, totp
from accounts.factors.checking import CodeCheck, about, plain
from accounts.factors.errors import (
    FactorRequired,
    NoProof,
    NothingToTurnOff,
    NotYourFactor,
    SetUpOver,
    WrongCode,
)
from accounts.factors.sealing import Seal
from accounts.factors.store import FactorStore
from accounts.model import Account, AuditLine
from accounts.permissions import Permission, may
from accounts.profiles.errors import refused_of
from accounts.service import now_utc
from accounts.store import AccountStore
from wire.errors import NotAllowed, NotFound
from wire.identity import Caller, DomainId, UserId
from wire.operations import Client
from wire.security import DomainSecurity, DomainSecurityState, Proof, RecoveryCodes, SecondFactors, TotpSetUp

SET_UP_GOOD = timedelta(minutes=15)
LOGIN_PROVES = timedelta(minutes=10)
"""So long a login shows who is there, if there is no password to ask for."""


class FactorService:
    """What changes something needs a proof that it is the user: the password, or a code. A cookie may be stolen."""

    def __init__(
        self,
        store: FactorStore,
        accounts: AccountStore,
        passwords: PasswordCheck,
        codes: CodeCheck,
        seal: Seal,
        clock: Callable[[], datetime] = now_utc,
        alerts: Alerts = NO_ALERTS,
    ) -> None:
        self._store = store
        self._accounts = accounts
        self._passwords = passwords
        self._codes = codes
        self._seal = seal
        self._clock = clock
        self._alerts = alerts

    async def mine(self, caller: Caller) -> SecondFactors:
        await self._own(caller)
        found = await self._store.factors(caller.domain, caller.user)
        return SecondFactors(totp_since=found.totp_since, recovery_codes=found.recovery_codes, required=found.required)

    async def begin(self, caller: Caller, proof: Proof, client: Client) -> TotpSetUp:
        """A secret for an app; nothing is turned on yet. Raises as `prove` does."""
        account = await self._own(caller)
        await self.prove(caller, account, proof, client)
        return await self.set_up(account)

    async def set_up(self, account: Account) -> TotpSetUp:
        """For somebody who has shown that they are the user."""
        secret, until = totp.make_secret(), self._clock() + SET_UP_GOOD
        sealed = self._seal.close(secret, about(account.domain, account.user))
        await self._store.begin_totp(account.domain, account.user, sealed, until)
        uri = totp.address_of(secret, login=account.login, issuer=account.domain_name or account.domain)
        return TotpSetUp(secret=totp.as_text(secret), uri=uri, qr=totp.drawn(uri), ends_at=until)

    async def confirm(self, caller: Caller, code: str, client: Client) -> RecoveryCodes:
        """Turns the app on whose code this is. Raises `WrongCode`, `TooManyCodes`, `SetUpOver`."""
        await self._own(caller)
        return await self.finish(caller.domain, caller.user, code, client)

    async def finish(self, domain: DomainId, user: UserId, code: str, client: Client) -> RecoveryCodes:
        """`confirm`, for somebody who has shown that they are the user."""
        await self._codes.count(domain, user)
        now, found = self._clock(), await self._store.totp(domain, user)
        if found is None or found.new_secret is None or found.new_until is None or found.new_until <= now:
            raise SetUpOver
        step = totp.step_of(plain(code), self._seal.open(found.new_secret, about(domain, user)), now)
        if step is None:
            raise WrongCode
        codes = recovery_codes.make_codes()
        audit = AuditLine(
            at=now,
            user=user,
            operator=None,
            action="second_factor.turned_on",
            target=f"user:{user}",
            address=client.address,
        )
        hashes = recovery_codes.hashes_of(codes)
        if not await self._store.confirm_totp(domain, user, found.new_secret, step, hashes, audit):
            raise SetUpOver
        self._alerts.tell(domain, user, Happened.APP_ADDED, client.address)
        await self._codes.forget(domain, user)
        return RecoveryCodes(codes=codes)

    async def renew_codes(self, caller: Caller, proof: Proof, client: Client) -> RecoveryCodes:
        """New recovery codes; the ones before end. Raises `NothingToTurnOff`, and as `prove` does."""
        account = await self._own(caller)
        await self.prove(caller, account, proof, client)
        codes = recovery_codes.make_codes()
        audit = line_of(caller, self._clock(), "second_factor.recovery_codes_made", f"user:{caller.user}")
        hashes = recovery_codes.hashes_of(codes)
        if not await self._store.replace_recovery_codes(caller.domain, caller.user, hashes, audit):
            raise NothingToTurnOff
        self._alerts.tell(caller.domain, caller.user, Happened.CODES_RENEWED, client.address)
        return RecoveryCodes(codes=codes)

    async def turn_off(self, caller: Caller, proof: Proof, client: Client) -> None:
        """Raises `FactorRequired`, `NothingToTurnOff`, and as `prove` does."""
        account = await self._own(caller)
        found = await self._store.factors(caller.domain, caller.user)
        if found.required and not found.passkeys:
            raise FactorRequired
        await self.prove(caller, account, proof, client)
        audit = line_of(caller, self._clock(), "second_factor.turned_off", f"user:{caller.user}")
        if not await self._store.turn_off(caller.domain, caller.user, audit):
            raise NothingToTurnOff
        self._alerts.tell(caller.domain, caller.user, Happened.APP_REMOVED, client.address)

    async def turn_off_for(self, caller: Caller, user: UserId) -> None:
        """For somebody who has lost it, by who manages them. Raises `NotAllowed`, `NothingToTurnOff`."""
        account = await self._accounts.account(caller.domain, user)
        if account is None or not may(caller, Permission.TURN_OFF_MFA, account.person):
            raise refused_of(caller, account, NotAllowed("This user's second factor is not yours to turn off"))
        audit = line_of(caller, self._clock(), "second_factor.turned_off", f"user:{user}")
        if not await self._store.turn_off(caller.domain, user, audit):
            raise NothingToTurnOff
        self._alerts.tell(caller.domain, user, Happened.APP_REMOVED)

    async def prove(self, caller: Caller, account: Account, proof: Proof, client: Client) -> None:
        """Raises `NoProof` with the field, `TooManyAttempts`, `TooManyCodes` and `Unavailable`."""
        if not proof.password and not proof.code and not account.has_password:
            return await self._prove_by_login(caller)
        if bool(proof.password) == bool(proof.code):
            raise NoProof("Give your password, or a code: one of them", "password")
        try:
            if proof.password:
                await self._passwords.check(account.domain, account.login_name, proof.password, client.address)
            else:
                await self._codes.use(account.domain, account.user, proof.code, client)
        except WrongLogin:
            raise NoProof("This is not your password", "password") from None
        except WrongCode as wrong:
            raise NoProof(wrong.message, "code") from None

    # ------------------------------------------------------------ the domain

    async def security_of(self, caller: Caller) -> DomainSecurityState:
        self._check_manages(caller)
        return DomainSecurityState(
            second_factor_required=await self._store.is_required(caller.domain),
            without_second_factor=await self._store.without(caller.domain),
        )

    async def set_security(self, caller: Caller, wanted: DomainSecurity) -> DomainSecurityState:
        self._check_manages(caller)
        after: dict[str, object] = {"second_factor_required": wanted.second_factor_required}
        before: dict[str, object] = {"second_factor_required": not wanted.second_factor_required}
        target = f"domain:{caller.domain}"
        audit = line_of(caller, self._clock(), "domain.security_changed", target, before, after)
        await self._store.require(caller.domain, wanted.second_factor_required, audit)
        return await self.security_of(caller)

    def _check_manages(self, caller: Caller) -> None:
        if not may(caller, Permission.MANAGE_DOMAIN_SECURITY):
            raise NotAllowed("How this company logs in is not yours to decide")

    # ------------------------------------------------------------ inside

    async def _prove_by_login(self, caller: Caller) -> None:
        """Without a password every login was by somebody else's word or a passkey: a new one proves who it is."""
        if (await self._store.factors(caller.domain, caller.user)).totp_since is not None:
            raise NoProof("Give a code of your authenticator app", "code")
        began = await self._store.logged_in_at(caller.domain, caller.user, caller.session)
        if began is None or abs(self._clock() - began) > LOGIN_PROVES:
            raise NoProof("Log in again, and repeat this within ten minutes", "login")

    async def _own(self, caller: Caller) -> Account:
        if not may(caller, Permission.CHANGE_OWN_SECRETS):
            raise NotYourFactor
        account = await self._accounts.account(caller.domain, caller.user)
        if account is None:
            raise NotFound("This user does not exist any more")
        return account
