"""Asking for a link as anybody does, and reading it in the mail that came."""

import asyncio
import re
import secrets
from email.message import EmailMessage

import httpx2

from tests.support.smtp import Mailbox


def some_network() -> dict[str, str]:
    """Headers of a proxy: links are counted by where they were asked from."""
    return {"X-Forwarded-For": f"2001:db8:{secrets.token_hex(2)}:{secrets.token_hex(2)}::1"}


async def ask(http: httpx2.AsyncClient, login: str, **headers: str) -> httpx2.Response:
    return await http.post("/v1/password/forgotten", json={"login": login}, headers={**some_network(), **headers})


async def mailed_link(box: Mailbox, to: str, nth: int = 1) -> str:
    """The link in the nth mail with one to an address, once it is there; the same in both of its texts."""
    async with asyncio.timeout(60):
        while len(found := [mail for mail in box.received if mail["to"] == to and has_link(mail)]) < nth:  # noqa: ASYNC110
            await asyncio.sleep(0.02)  # SMTP tells nobody
    plain, rich = found[nth - 1].get_body(("plain",)), found[nth - 1].get_body(("html",))
    assert plain is not None
    assert rich is not None
    [link] = re.findall(r"https?://\S+", plain.get_content())
    assert f'href="{link}"' in rich.get_content()
    return str(link)


def has_link(mail: EmailMessage) -> bool:
    """Those that only tell of something have none."""
    plain = mail.get_body(("plain",))
    return plain is not None and "://" in plain.get_content()


def token_of(link: str) -> str:
    return link.partition("#")[2]
