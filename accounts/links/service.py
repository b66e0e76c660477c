"""Asking for a link, and using one. What is asked for is looked up and mailed by `run`, after the answer."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from accounts.links.errors import LinkOver, TooManyLinks
from accounts.links.model import Asked, Link, NewLink
from accounts.links.store import LinkStore, LinkThrottle
from accounts.model import Account, AuditLine
from accounts.passwords import Passwords, problem_with_password
from accounts.permissions import Permission, reaches
from accounts.service import now_utc, parse_login, person_of
from accounts.store import AccountStore
from accounts.tokens import hash_token, make_token, parse_token
from mail.model import Mail, MailRefused, MailSender
from mail.writing import write
from wire.announce import Announcer
from wire.errors import Invalid, Unavailable
from wire.events import EndReason
from wire.http import ForgottenPassword, NewPassword, PasswordLink
from wire.identity import DomainId
from wire.operations import Client

log = structlog.get_logger(__name__)

LINK_GOOD = timedelta(hours=1)
MAILS_AT_ONCE = 4
_MOST_WAITING = 1_000
_TRIES = 3
_MOST_PAUSE = 20.0
"""Seconds between tries: somebody is waiting for the mail."""


class LinkService:
    """`address`: what links begin with. Given by whoever runs us, never taken from a request: a link to where somebody
    else wants it would hand the token over. Empty: no link can be made."""

    def __init__(
        self,
        links: LinkStore,
        accounts: AccountStore,
        throttle: LinkThrottle,
        passwords: Passwords,
        sender: MailSender,
        announcer: Announcer,
        address: str,
        clock: Callable[[], datetime] = now_utc,
    ) -> None:
        self._links = links
        self._accounts = accounts
        self._throttle = throttle
        self._passwords = passwords
        self._sender = sender
        self._announcer = announcer
        self._address = address
        self._clock = clock
        self._asked: asyncio.Queue[Asked] = asyncio.Queue(_MOST_WAITING)

    async def ask(self, request: ForgottenPassword, client: Client) -> None:
        """Takes note, and never says who exists. Raises `Invalid`, `TooManyLinks` with the seconds, `Unavailable`."""
        domain, login_name = parse_login(request.login)
        wait = await self._throttle.ask(domain, login_name, client.address)
        if wait > 0:
            raise TooManyLinks(wait)
        try:
            self._asked.put_nowait(Asked(domain, login_name, client.address))
        except asyncio.QueueFull:
            raise Unavailable("Too many mails are waiting to be sent; try again in a minute", retry_after=60) from None

    async def look(self, token: str) -> PasswordLink:
        """Whose password a link sets. Raises `LinkOver`."""
        link, account = await self._good(token)
        return PasswordLink(login=account.login, expires_at=link.expires_at)

    async def use(self, new: NewPassword, client: Client) -> None:
        """Sets the password and ends every login of the user, with its connections.

        Raises `LinkOver`, `Invalid` with the field, and `Unavailable`; the link stays good with the last two.
        """
        _, account = await self._good(new.token)
        problem = problem_with_password(new.password, login_name=account.login_name, extension=account.extension)
        if problem is not None:
            raise Invalid(problem, field="password")
        hashed = await self._passwords.hash(new.password)
        audit = self._audit(account, "password.set_by_link", client.address)
        ended = await self._links.use(account.domain, hash_token(new.token), account.user, hashed, audit)
        if ended is None:
            raise LinkOver
        for each in {session.user for session in ended}:
            sessions = [session.session for session in ended if session.user == each]
            await self._announcer.end_sessions(account.domain, each, EndReason.ENDED, sessions)

    async def run(self) -> None:
        """Mails what was asked for. What still waits when a gateway ends is lost, and has to be asked for again."""
        await asyncio.gather(*(self._work() for _ in range(MAILS_AT_ONCE)))

    # ------------------------------------------------------------ inside

    async def _work(self) -> None:
        while True:
            asked = await self._asked.get()
            try:
                await self._mail(asked)
            except Unavailable as unavailable:
                log.warning("password_link_not_sent", domain=asked.domain, reason=unavailable.message)
            except MailRefused as refused:
                log.warning("password_link_refused", domain=asked.domain, reason=refused.message)
            except Exception:
                # E.g. an address that no header can hold. The others wait for their mails.
                log.exception("password_link_failed", domain=asked.domain)

    async def _mail(self, asked: Asked) -> None:
        account = await self._known(asked.domain, asked.login_name)
        to = verified_email(account) if account else None
        if account is None or to is None:
            return
        if not self._address:
            log.warning("password_link_not_sent", domain=asked.domain, reason="PRESENCE_PUBLIC_URL is not set")
            return
        token, now = make_token(account.domain), self._clock()
        link = NewLink(
            domain=account.domain,
            token_hash=hash_token(token),
            user=account.user,
            created_at=now,
            expires_at=now + LINK_GOOD,
        )
        await self._links.keep(link, self._audit(account, "password.link_made", asked.address))
        await self._send(recovery_mail(account, to, f"{self._address}/app/password#{token}", link.token_hash.hex()))

    async def _send(self, mail: Mail) -> None:
        for tried in range(1, _TRIES + 1):
            try:
                await self._sender.send(mail)
            except Unavailable as unavailable:
                if tried == _TRIES:
                    raise
                await asyncio.sleep(min(unavailable.retry_after or 1.0, _MOST_PAUSE))
            else:
                return

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
    return is_person and reaches(person_of(account), Permission.CHANGE_OWN_SECRETS)


def verified_email(account: Account) -> str | None:
    """Where a link may go: anybody can write down an address that is somebody else's."""
    return next((each.email for each in account.emails if each.verified), None)


def recovery_mail(account: Account, to: str, link: str, key: str) -> Mail:
    values: dict[str, object] = {
        "title": "Set a new password",
        "name": account.first_name,
        "login": account.login,
        "company": account.domain_name or account.domain,
        "link": link,
    }
    return write("recovery", to=to, key=key, values=values)
