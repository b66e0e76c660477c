"""Asking whoever reads an address whether it is the user's, and believing the answer."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import structlog

from accounts.emails.errors import ConfirmationOver, NotYoursToConfirm
from accounts.emails.model import Confirmation, NewConfirmation
from accounts.emails.store import EmailStore
from accounts.links.errors import TooManyLinks
from accounts.links.store import LinkThrottle
from accounts.mailing import MailQueue
from accounts.model import Account, AuditLine
from accounts.profiles.fields import BY_NAME, may_edit
from accounts.service import now_utc
from accounts.tokens import hash_token, make_token, parse_token
from mail.model import Mail
from mail.writing import write
from wire.accounts import AddressToConfirm, EmailConfirmation, EmailToken
from wire.errors import Invalid
from wire.identity import Caller, DomainId, UserId
from wire.operations import Client
from words.languages import words_in

log = structlog.get_logger(__name__)

CONFIRMATION_GOOD = timedelta(days=3)


class EmailService:
    """`address`: what links begin with, given by whoever runs us. Empty: none can be made. `changed` hears of whose
    address was confirmed.
    """

    def __init__(
        self,
        store: EmailStore,
        throttle: LinkThrottle,
        mails: MailQueue,
        address: str,
        clock: Callable[[], datetime] = now_utc,
    ) -> None:
        self._store = store
        self._throttle = throttle
        self._mails = mails
        self._address = address
        self._clock = clock
        self.changed: Callable[[Account], Awaitable[None]] | None = None

    async def ask(self, account: Account, address: str) -> None:
        """Mails a link to an address that was entered. What cannot be sent is logged: it can be asked for again."""
        if not self._address:
            log.warning("confirmation_not_sent", reason="PRESENCE_PUBLIC_URL is not set", domain=account.domain)
            return
        self._mails.put(lambda: self._mail(account, address))

    async def ask_again(self, caller: Caller, wanted: AddressToConfirm, client: Client, user: UserId | None) -> None:
        """Raises `NotYoursToConfirm`, `Invalid`, `TooManyLinks` with the seconds and `Unavailable`."""
        account = await self._store.account(caller.domain, caller.user if user is None else user)
        if account is None or not may_edit(caller, account, BY_NAME["emails"]):
            raise NotYoursToConfirm
        if wanted.email not in [each.email for each in account.emails if not each.verified]:
            raise Invalid("This address does not wait to be confirmed", field="email")
        if not self._address:
            raise Invalid("No links can be mailed: PRESENCE_PUBLIC_URL is not set", field="email")
        wait = await self._throttle.ask(account.domain, f"confirming: {account.login_name}", client.address)
        if wait > 0:
            raise TooManyLinks(wait)
        self._mails.check_room()
        await self.ask(account, wanted.email)

    async def look(self, token: EmailToken) -> EmailConfirmation:
        """What a link would confirm. Raises `ConfirmationOver`."""
        _, found, account = await self._good(token.token)
        return EmailConfirmation(email=found.email, login=account.login)

    async def confirm(self, token: EmailToken, client: Client) -> EmailConfirmation:
        """Raises `ConfirmationOver`."""
        domain, found, account = await self._good(token.token)
        audit = AuditLine(
            at=self._clock(),
            user=account.user,
            operator=None,
            action="email.confirmed",
            target=f"user:{account.user}",
            address=client.address,
            after={"email": found.email},
        )
        if not await self._store.confirm(domain, hash_token(token.token), found, audit):
            raise ConfirmationOver
        if self.changed is not None:
            await self.changed(account)
        return EmailConfirmation(email=found.email, login=account.login)

    # ------------------------------------------------------------ inside

    async def _mail(self, account: Account, address: str) -> Mail:
        token, now = make_token(account.domain), self._clock()
        new = NewConfirmation(
            domain=account.domain,
            token_hash=hash_token(token),
            user=account.user,
            email=address,
            created_at=now,
            expires_at=now + CONFIRMATION_GOOD,
        )
        await self._store.keep(new)
        words = words_in(account.language, account.domain_language)
        values: dict[str, object] = {
            "title": words.confirmation_title,
            "name": account.first_name,
            "login": account.login,
            "email": address,
            "company": account.domain_name or account.domain,
            "link": f"{self._address}/app/email#{token}",
        }
        return write("confirmation", words, to=address, key=new.token_hash.hex(), values=values)

    async def _good(self, token: str) -> tuple[DomainId, Confirmation, Account]:
        parsed = parse_token(token)
        found = await self._store.find(parsed.domain, parsed.hash, self._clock()) if parsed else None
        account = await self._store.account(parsed.domain, found.user) if parsed and found else None
        if parsed is None or found is None or account is None:
            raise ConfirmationOver
        return parsed.domain, found, account
