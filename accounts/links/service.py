"""Asking for a link, and using one. What is asked for is looked up and mailed after the answer (`accounts/mailing`)."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Literal

import structlog

from accounts.alerts import NO_ALERTS, Alerts, Happened
from accounts.auditing import line_of
from accounts.entering import tell_ended
from accounts.links.errors import LinkOver, TooManyLinks
from accounts.links.model import Asked, Link, NewLink, NewSecrets
from accounts.links.store import LinkStore, LinkThrottle
from accounts.mailing import MailQueue
from accounts.model import Account, AuditLine, status_of
from accounts.passwords import Passwords, problem_with_password, problem_with_pin
from accounts.permissions import Permission, may, reaches
from accounts.profiles.errors import refused_of
from accounts.service import now_utc, parse_login
from accounts.store import AccountStore
from accounts.tokens import hash_token, make_token, parse_token
from mail.model import Mail
from mail.writing import write
from wire.announce import Announcer
from wire.errors import Invalid, NotAllowed
from wire.http import ForgottenPassword, NewPassword, PasswordLink, PasswordReset, UserAccount
from wire.identity import Caller, DomainId, UserId
from wire.operations import Client
from words.languages import words_in

log = structlog.get_logger(__name__)

LINK_GOOD = timedelta(hours=1)
WELCOME_GOOD = timedelta(days=7)


class LinkService:
    """`address`: what links begin with. Given by whoever runs us, never taken from a request: a link to where somebody
    else wants it would hand the token over. Empty: no link can be made. `changed` hears of who has another status now.
    """

    def __init__(
        self,
        links: LinkStore,
        accounts: AccountStore,
        throttle: LinkThrottle,
        passwords: Passwords,
        mails: MailQueue,
        announcer: Announcer,
        address: str,
        changed: Callable[[Account], Awaitable[None]],
        clock: Callable[[], datetime] = now_utc,
        alerts: Alerts = NO_ALERTS,
    ) -> None:
        self._links = links
        self._accounts = accounts
        self._throttle = throttle
        self._passwords = passwords
        self._mails = mails
        self._announcer = announcer
        self._address = address
        self._changed = changed
        self._clock = clock
        self._alerts = alerts

    async def ask(self, request: ForgottenPassword, client: Client) -> None:
        """Takes note, and never says who exists. Raises `Invalid`, `TooManyLinks` with the seconds, `Unavailable`."""
        domain, login_name = parse_login(request.login)
        await self._count(domain, login_name, client)
        asked = Asked(domain, login_name, client)
        self._mails.put(lambda: self._mail(asked))

    async def reset(self, caller: Caller, user: UserId, wanted: PasswordReset, client: Client) -> UserAccount:
        """Takes somebody's password away and ends all logins, with their connections; may mail a link for a new one.

        Raises `NotAllowed`, `Invalid` if a mail is wanted and cannot be sent, `TooManyLinks` and `Unavailable`, each
        before anything is changed.
        """
        account = await self._managed(caller, user)
        link, mail = None, None
        if wanted.send_mail:
            await self._count(account.domain, f"of a manager: {account.login_name}", client)
            link, mail = self._made(account, "recovery", client, field="send_mail")
        audit = self._audit_of(caller, account, "password.reset", {"mailed": wanted.send_mail})
        ended = await self._links.clear_password(account.domain, account.user, link, audit)
        await tell_ended(self._announcer, account.domain, ended)
        if mail:
            self._mails.put_mail(mail)
        await self._changed(account)
        return UserAccount(user=user, status=status_of(has_password=False, has_pin=account.has_pin).value)

    async def welcome(self, caller: Caller, user: UserId, client: Client) -> UserAccount:
        """Mails a link that sets password and PIN. Raises as `reset` does."""
        account = await self._managed(caller, user)
        await self._count(account.domain, f"of a manager: {account.login_name}", client)
        link, mail = self._made(account, "welcome", client, field="user")
        await self._links.keep(link, self._audit_of(caller, account, "welcome.sent", {}))
        self._mails.put_mail(mail)
        return UserAccount(user=user, status=account.status.value)

    async def look(self, token: str) -> PasswordLink:
        """Whose password a link sets. Raises `LinkOver`."""
        link, account = await self._good(token)
        return PasswordLink(login=account.login, sets_pin=link.sets_pin, expires_at=link.expires_at)

    async def use(self, new: NewPassword, client: Client) -> None:
        """Sets the password and ends every login of the user, with its connections.

        Raises `LinkOver`, `Invalid` with the field, and `Unavailable`; the link stays good with the last two.
        """
        link, account = await self._good(new.token)
        _check(new, link, account)
        pin = await self._passwords.hash(account.domain, new.pin) if link.sets_pin else None
        secrets = NewSecrets(await self._passwords.hash(account.domain, new.password), pin)
        audit = self._audit(account, "password.set_by_link", client.address)
        ended = await self._links.use(account.domain, hash_token(new.token), account.user, secrets, audit)
        if ended is None:
            raise LinkOver
        self._alerts.tell(account.domain, account.user, Happened.PASSWORD_SET_BY_LINK, client.address)
        await tell_ended(self._announcer, account.domain, ended)
        await self._changed(account)

    # ------------------------------------------------------------ inside

    async def _mail(self, asked: Asked) -> Mail | None:
        account = await self._known(asked.domain, asked.login_name)
        if account is None or verified_email(account) is None:
            return None
        try:
            link, mail = self._made(account, "recovery", asked.client, field="login")
        except Invalid as invalid:
            log.warning("password_link_not_sent", domain=asked.domain, reason=invalid.message)
            return None
        await self._links.keep(link, self._audit(account, "password.link_made", asked.client.address))
        return mail

    def _made(
        self, account: Account, kind: Literal["recovery", "welcome"], client: Client, *, field: str
    ) -> tuple[NewLink, Mail]:
        """A link and its mail, neither kept nor sent. Raises `Invalid`, naming `field`, if there can be none."""
        to = verified_email(account)
        if to is None and kind == "welcome" and account.emails:
            # Whoever manages the user has entered it, and using the link confirms it.
            to = account.emails[0].email
        if to is None or not may_recover(account):
            raise Invalid("This user has no e-mail address to which this can be sent, or may not log in", field=field)
        if not self._address:
            raise Invalid("No links can be mailed: PRESENCE_PUBLIC_URL is not set", field=field)
        token, now = make_token(account.domain), self._clock()
        link = NewLink(
            domain=account.domain,
            token_hash=hash_token(token),
            user=account.user,
            sets_pin=kind == "welcome",
            email=to,
            created_at=now,
            expires_at=now + (WELCOME_GOOD if kind == "welcome" else LINK_GOOD),
        )
        words = words_in(account.language, account.domain_language, client.language)
        values: dict[str, object] = {
            "title": words.welcome_title if kind == "welcome" else words.recovery_title,
            "name": account.first_name,
            "login": account.login,
            "company": account.domain_name or account.domain,
            "link": f"{self._address}/app/password#{token}",
        }
        return link, write(kind, words, to=to, key=link.token_hash.hex(), values=values)

    async def _count(self, domain: DomainId, whose: str, client: Client) -> None:
        wait = await self._throttle.ask(domain, whose, client.address)
        if wait > 0:
            raise TooManyLinks(wait)
        self._mails.check_room()

    async def _managed(self, caller: Caller, user: UserId) -> Account:
        account = await self._accounts.account(caller.domain, user)
        if account is None or account.is_system or not may(caller, Permission.RESET_PASSWORD, account.person):
            raise refused_of(caller, account, NotAllowed("This user's password is not yours to reset"))
        return account

    async def _known(self, domain: DomainId, login_name: str) -> Account | None:
        found = await self._accounts.credentials(domain, login_name)
        account = await self._accounts.account(domain, found.user) if found else None
        return account if account and may_recover(account) else None

    async def _good(self, token: str) -> tuple[Link, Account]:
        parsed = parse_token(token)
        link = await self._links.link(parsed.domain, parsed.hash, self._clock()) if parsed else None
        account = await self._accounts.account(parsed.domain, link.user) if parsed and link else None
        if link is None or account is None or not may_recover(account):
            raise LinkOver
        return link, account

    def _audit_of(self, caller: Caller, account: Account, action: str, after: dict[str, object]) -> AuditLine:
        return line_of(caller, self._clock(), action, f"user:{account.user}", None, after)

    def _audit(self, account: Account, action: str, address: str) -> AuditLine:
        """Nobody is logged in: it was the user, or somebody who reads their mail."""
        return AuditLine(
            at=self._clock(),
            user=account.user,
            operator=None,
            action=action,
            target=f"user:{account.user}",
            after={"address": address},
        )


def may_recover(account: Account) -> bool:
    """Whether this user may set a password without knowing the old one."""
    is_person = not account.disabled and not account.is_system
    return is_person and reaches(account.person, Permission.CHANGE_OWN_SECRETS)


def verified_email(account: Account) -> str | None:
    """Where a link may go: anybody can write down an address that is somebody else's."""
    return next((each.email for each in account.emails if each.verified), None)


def _check(new: NewPassword, link: Link, account: Account) -> None:
    """Raises `Invalid` with the field."""
    problem = problem_with_password(new.password, login_name=account.login_name, extension=account.extension)
    if problem is not None:
        raise Invalid(problem, field="password")
    if not link.sets_pin and new.pin:
        raise Invalid("This link sets a password only", field="pin")
    problem = problem_with_pin(new.pin, extension=account.extension) if link.sets_pin else None
    if problem is not None:
        raise Invalid(problem, field="pin")
