"""Single sign-on: sent to the provider and back; and users handed over by a portal that has its own login."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable
from datetime import UTC, datetime

import msgspec
import structlog
from msgspec import Struct

from accounts.entering import SessionStarter
from accounts.errors import MayNotLogIn, TooManyBegun
from accounts.factors.sealing import Seal
from accounts.model import Account, AuditLine
from accounts.service import now_utc
from accounts.single_sign_on.errors import (
    HandOverRefused,
    NobodyOfThatName,
    NoSignOn,
    NotConfigured,
    SignOnDenied,
    SignOnOver,
)
from accounts.single_sign_on.issuer_keys import IssuerKeys
from accounts.single_sign_on.matching import address_that_counts, the_one
from accounts.single_sign_on.model import Binding, Names, PendingSignOn, Provider, Vouched
from accounts.single_sign_on.store import IdentityProviders, KeyReader, PendingSignOnStore, SignOnStore
from accounts.single_sign_on.tokens import LEEWAY, BadToken, hand_over_claims
from accounts.store import AccountStore, BeginThrottle
from accounts.tokens import ParsedToken, hash_token, make_token, parse_token
from wire.http import LoggedIn
from wire.identity import DomainId, Scope, UserId
from wire.operations import Client
from wire.security import HandOver, SignOnAnswer, SignOnBegun, SignOnOffer

log = structlog.get_logger(__name__)

GOOD_SECONDS = 600
"""For whoever has to find their other password first."""
BACK = "/v1/sign-on/callback"


class SignOnService:
    """`address`: where people reach us. Given by whoever runs us, never taken from a request: the provider sends its
    codes there."""

    def __init__(
        self,
        store: SignOnStore,
        pending: PendingSignOnStore,
        providers: IdentityProviders,
        accounts: AccountStore,
        starter: SessionStarter,
        throttle: BeginThrottle,
        seal: Seal,
        keys: KeyReader,
        address: str,
        clock: Callable[[], datetime] = now_utc,
    ) -> None:
        self._store = store
        self._pending = pending
        self._providers = providers
        self._accounts = accounts
        self._starter = starter
        self._throttle = throttle
        self._seal = seal
        self._address = address
        self._clock = clock
        self._issuer_keys = IssuerKeys(store, keys, clock)

    async def offered(self, domain: str) -> SignOnOffer:
        """Whether a domain has it, and its language; of one that does not exist the same is said as of one without."""
        where = DomainId(domain.lower())
        found = await self._store.provider(where) if self._address else None
        return SignOnOffer(available=found is not None, language=await self._store.language_of(where))

    async def begin(self, domain: str, client: Client) -> tuple[SignOnBegun, str]:
        """Where to go, and what this browser has to bring back in a cookie.

        Raises `NoSignOn`, `NotConfigured`, `TooManyBegun`, `ProviderAway` and `Unavailable`.
        """
        if not self._address:
            raise NotConfigured
        provider = await self._store.provider(DomainId(domain.lower()))
        if provider is None:
            raise NoSignOn
        wait = await self._throttle.begin(client.address)
        if wait > 0:
            raise TooManyBegun(wait)
        state, browser = make_token(provider.domain), secrets.token_urlsafe(32)
        pending = PendingSignOn(
            issuer=provider.issuer,
            nonce=secrets.token_urlsafe(32),
            verifier=secrets.token_urlsafe(48),
            browser=hash_token(browser),
        )
        url = await self._providers.address(
            provider, state=state, nonce=pending.nonce, verifier=pending.verifier, back=self._address + BACK
        )
        await self._pending.keep(provider.domain, hash_token(state), pending, GOOD_SECONDS)
        return SignOnBegun(url=url), browser

    async def finish(self, answer: SignOnAnswer, browser: str, client: Client) -> tuple[str, LoggedIn]:
        """A new session's token, for the cookie.

        Raises `SignOnOver`, `SignOnDenied`, `NobodyOfThatName`, `MayNotLogIn`, `ProviderAway` and `Unavailable`.
        """
        parsed, pending = await self._begun(answer, browser)
        if answer.error or not answer.code:
            raise SignOnDenied("it said no")
        provider = await self._store.provider(parsed.domain)
        if provider is None or provider.issuer != pending.issuer:
            raise SignOnOver
        vouched = await self._providers.vouched(
            provider,
            self._secret_of(provider),
            code=answer.code,
            nonce=pending.nonce,
            verifier=pending.verifier,
            back=self._address + BACK,
        )
        account = await self._account(provider.domain, await self._user(provider, vouched, client))
        return await self._enter(account, client, bearer=False)

    async def hand_over(self, given: HandOver, client: Client) -> tuple[str, LoggedIn]:
        """A new session's token, and what the client is told.

        Raises `HandOverRefused`, `MayNotLogIn` and `Unavailable`.
        """
        domain = DomainId(given.domain.lower())
        try:
            user = await self._handed_over(domain, given.token)
            account = await self._account(domain, user)
        except (BadToken, NobodyOfThatName) as why:
            log.warning("hand_over_refused", domain=domain, why=str(why))
            raise HandOverRefused from None
        return await self._enter(account, client, bearer=given.bearer)

    # ------------------------------------------------------------ inside

    async def _begun(self, answer: SignOnAnswer, browser: str) -> tuple[ParsedToken, PendingSignOn]:
        """What this answers. Used up by that, also if it then turns out to be another browser's."""
        parsed = parse_token(answer.state)
        pending = await self._pending.take(parsed.domain, parsed.hash) if parsed else None
        if parsed is None or pending is None or not hmac.compare_digest(hash_token(browser), pending.browser):
            raise SignOnOver
        if answer.iss and answer.iss != pending.issuer:
            raise SignOnOver  # another provider's answer (RFC 9207)
        return parsed, pending

    def _secret_of(self, provider: Provider) -> str | None:
        if provider.secret is None:
            return None
        return self._seal.open(provider.secret, about(provider.domain)).decode()

    async def _user(self, provider: Provider, vouched: Vouched, client: Client) -> UserId:
        bound = await self._store.bound(provider.domain, vouched.issuer, vouched.subject)
        if bound is not None:
            return bound
        email = address_that_counts(provider, vouched)
        user = the_one(await self._store.users_of_address(provider.domain, email)) if email else None
        if user is None or email is None:
            raise NobodyOfThatName
        now = self._clock()
        binding = Binding(
            domain=provider.domain,
            issuer=vouched.issuer,
            subject=vouched.subject,
            user=user,
            email=email,
            at=now,
        )
        audit = AuditLine(
            at=now,
            user=user,
            operator=None,
            action="single_sign_on.bound",
            target=f"user:{user}",
            address=client.address,
            after={"issuer": vouched.issuer, "email": email},
        )
        if not await self._store.bind(binding, audit):
            raise NobodyOfThatName
        return user

    async def _handed_over(self, domain: DomainId, token: str) -> UserId:
        """Raises `BadToken` and `NobodyOfThatName`."""
        told = unproven(token)
        issuer = await self._store.hand_over_issuer(domain, told.issuer)
        if issuer is None:
            raise BadToken("this issuer hands nobody over")
        keys = await self._issuer_keys.of(issuer, told.kid)
        now = self._clock()
        claims = hand_over_claims(token, keys, issuer=issuer.issuer, audience=domain, now=now)
        until = datetime.fromtimestamp(claims["exp"] + LEEWAY, UTC)
        used = hashlib.sha256(claims["jti"].encode()).digest()
        if not await self._store.use_token(domain, issuer.issuer, used, until, now):
            raise BadToken("it was used already")
        user = await self._named(domain, issuer.names, claims["sub"])
        if user is None:
            raise NobodyOfThatName
        return user

    async def _named(self, domain: DomainId, names: Names, name: str) -> UserId | None:
        if names is Names.EMAIL:
            return the_one(await self._store.users_of_address(domain, name.lower()))
        return await self._store.user_of_name(domain, names.value, name)

    async def _account(self, domain: DomainId, user: UserId) -> Account:
        account = await self._accounts.account(domain, user)
        if account is None or account.is_system:
            raise NobodyOfThatName
        if account.disabled or account.scope is Scope.NO_PORTAL:
            raise MayNotLogIn
        return account

    async def _enter(self, account: Account, client: Client, *, bearer: bool) -> tuple[str, LoggedIn]:
        started = await self._starter.start(account, client, bearer=bearer)
        if started is None:
            raise SignOnOver
        return started


def about(domain: DomainId) -> str:
    """Whose sealed secret it is."""
    return f"single sign-on of {domain}"


class Unproven(Struct, frozen=True):
    """What a token says of itself before anything of it is checked: by which key that is done."""

    issuer: str
    kid: str


def unproven(token: str) -> Unproven:
    """Raises `BadToken`."""
    try:
        head, payload = (msgspec.json.decode(_unpadded(part), type=dict[str, object]) for part in token.split(".")[:2])
    except ValueError:
        raise BadToken("it is no token") from None
    return Unproven(issuer=str(payload.get("iss", "")), kid=str(head.get("kid", "")))


def _unpadded(text: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        raise BadToken("it is no token") from None
