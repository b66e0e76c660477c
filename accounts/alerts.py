"""Mails by which users hear that something changed about how they log in: whoever has taken an account over cannot keep
it from its user. Without links: nobody learns to follow them in mails of this kind.
"""

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from accounts.mailing import MailQueue
from accounts.model import Account
from accounts.store import AccountStore
from accounts.tokens import make_session_id
from mail.model import Mail
from mail.writing import write
from wire.identity import DomainId, UserId


class Happened(StrEnum):
    """The sentences stand in the mail as they are."""

    PASSWORD_CHANGED = "Your password was changed"  # noqa: S105 - a sentence
    PASSWORD_SET_BY_LINK = "Your password was set by a link that was mailed to you"  # noqa: S105
    APP_ADDED = "An authenticator app was set up"
    APP_REMOVED = "Your authenticator app and your recovery codes were removed"
    CODES_RENEWED = "New recovery codes were made, and those before do not count any more"
    CODE_USED = "A recovery code was used"
    PASSKEY_ADDED = "A passkey was added"
    PASSKEY_REMOVED = "A passkey was removed"


class Alerts(Protocol):
    def tell(self, domain: DomainId, user: UserId, happened: Happened, address: str = "") -> None:
        """After the commit. Never fails, and never waits. `address`: from where it was done."""


class MailAlerts:
    """Goes to all confirmed addresses: one of them may be in the wrong hands, too."""

    def __init__(self, mails: MailQueue, accounts: AccountStore, clock: Callable[[], datetime]) -> None:
        self._mails = mails
        self._accounts = accounts
        self._clock = clock

    def tell(self, domain: DomainId, user: UserId, happened: Happened, address: str = "") -> None:
        at = self._clock()

        async def begin() -> Mail | None:
            account = await self._accounts.account(domain, user)
            confirmed = [each.email for each in account.emails if each.verified] if account else []
            for to in confirmed[1:]:
                self._mails.put_mail(_mail(account, to, happened, at, address))
            return _mail(account, confirmed[0], happened, at, address) if confirmed else None

        self._mails.put(begin)


class NoAlerts:
    """Where nobody is told: see `Alerts`."""

    def tell(self, domain: DomainId, user: UserId, happened: Happened, address: str = "") -> None:
        del domain, user, happened, address


NO_ALERTS: Alerts = NoAlerts()


def _mail(account: Account | None, to: str, happened: Happened, at: datetime, address: str) -> Mail:
    assert account is not None
    values: dict[str, object] = {
        "title": happened.value,
        "name": account.first_name,
        "login": account.login,
        "company": account.domain_name or account.domain,
        "when": f"{at:%Y-%m-%d %H:%M} UTC",
        "address": address,
    }
    return write("alert", to=to, key=make_session_id(), values=values)
