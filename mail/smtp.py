"""Sends mail over SMTP (aiosmtplib)."""

import hashlib
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, localtime
from ssl import SSLError
from urllib.parse import unquote, urlsplit

import aiosmtplib
from msgspec import Struct

from mail.model import Mail, MailRefused
from wire.errors import Unavailable

TIMEOUT = 20.0
"""Seconds for each step of the conversation with the server."""
_PERMANENT = 500


class SmtpServer(Struct, frozen=True):
    """Parsed from a URL. `is_wrapped`: TLS from the first byte; else it is begun wherever the server offers it."""

    host: str
    port: int
    user: str
    password: str
    is_wrapped: bool

    @classmethod
    def of(cls, url: str) -> "SmtpServer":
        """`smtp://user:password@host:587` or `smtps://...:465`. Raises ValueError."""
        parts = urlsplit(url)
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
            raise ValueError("must be like smtp://user:password@mail.example.com:587, or smtps://")
        is_wrapped = parts.scheme == "smtps"
        port = parts.port or (465 if is_wrapped else 587)
        return cls(parts.hostname, port, unquote(parts.username or ""), unquote(parts.password or ""), is_wrapped)


class SmtpSender:
    """See `mail.model.MailSender`. `sender` is the address in From."""

    def __init__(self, server: SmtpServer, sender: str) -> None:
        self._server = server
        self._sender = sender

    async def send(self, mail: Mail) -> None:
        server = self._server
        try:
            await aiosmtplib.send(
                written(mail, self._sender),
                hostname=server.host,
                port=server.port,
                username=server.user or None,
                password=server.password or None,
                use_tls=server.is_wrapped,
                timeout=TIMEOUT,
            )
        except (aiosmtplib.SMTPRecipientsRefused, aiosmtplib.SMTPResponseException) as error:
            if _is_permanent(error):
                raise MailRefused(f"The mail server refuses this mail: {error}") from error
            raise Unavailable("The mail server cannot take it now", retry_after=60.0) from error
        except (aiosmtplib.SMTPException, SSLError, OSError, TimeoutError) as error:
            raise Unavailable("The mail server does not answer", retry_after=60.0) from error


def written(mail: Mail, sender: str) -> EmailMessage:
    """With both texts. Raises ValueError if a header would have more than one line."""
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(display_name="Presence", addr_spec=sender)
    message["To"] = Address(addr_spec=mail.to)
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(localtime())
    message["Message-ID"] = f"<{hashlib.sha256(mail.key.encode()).hexdigest()[:32]}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    return message


def _is_permanent(error: aiosmtplib.SMTPException) -> bool:
    """Who it is for, or what it says, is refused; not that we may not send at all, which an operator can mend."""
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        return all(each.code >= _PERMANENT for each in error.recipients)
    if isinstance(error, (aiosmtplib.SMTPAuthenticationError, aiosmtplib.SMTPConnectError, aiosmtplib.SMTPHeloError)):
        return False
    return isinstance(error, aiosmtplib.SMTPResponseException) and error.code >= _PERMANENT


async def log_in_and_leave(server: SmtpServer, seconds: float) -> None:
    """Finds out whether the server would take mail from us, without sending any. Raises what the driver says."""
    async with aiosmtplib.SMTP(
        hostname=server.host,
        port=server.port,
        username=server.user or None,
        password=server.password or None,
        use_tls=server.is_wrapped,
        timeout=seconds,
    ) as connected:
        await connected.noop()
