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
from words.languages import words_in


class Happened(StrEnum):
    """Named as its sentence in `words.catalogue.Words.happened`."""

    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - the name of a sentence
    PASSWORD_SET_BY_LINK = "password_set_by_link"  # noqa: S105
    APP_ADDED = "app_added"
    APP_REMOVED = "app_removed"
    CODES_RENEWED = "codes_renewed"
    CODE_USED = "code_used"
    PASSKEY_ADDED = "passkey_added"
    PASSKEY_REMOVED = "passkey_removed"


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
    words = words_in(account.language, account.domain_language)
    values: dict[str, object] = {
        "title": words.happened[happened],
        "name": account.first_name,
        "login": account.login,
        "company": account.domain_name or account.domain,
        "when": words.moment.format(at=at),
        "address": address,
    }
    return write("alert", words, to=to, key=make_session_id(), values=values)
