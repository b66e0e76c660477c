"""The structs of mail, and what can go wrong with one."""

from datetime import datetime
from typing import Protocol

from msgspec import Struct

from wire.errors import Refused


class Mail(Struct, frozen=True, kw_only=True):
    """To one person. `key` names what it tells: the same key again is the same mail, and says so in its Message-ID."""

    to: str
    subject: str
    text: str
    html: str
    key: str


class KeptMail(Struct, frozen=True):
    """One that was not sent but kept, where no server for mail is configured."""

    at: datetime
    mail: Mail


class MailRefused(Refused):
    """The server does not take this mail and never will, e.g. since there is no such address."""


class MailSender(Protocol):
    async def send(self, mail: Mail) -> None:
        """Returns once somebody else is responsible for it. Raises `MailRefused`, `wire.errors.Unavailable`."""


class MailKeeper(MailSender, Protocol):
    """Instead of sending: for the first try-out, and for tests."""

    async def kept(self) -> list[KeptMail]:
        """The newest first."""
