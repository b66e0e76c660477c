"""Through a company's own login and back, in a real browser; the provider is a program that is not ours."""

import asyncio
import json
import os
import re
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx2
from playwright.async_api import expect

from accounts.factors.sealing import Seal
from accounts.model import AuditLine
from accounts.single_sign_on.model import Provider
from accounts.single_sign_on.service import about
from storage.postgres.single_sign_on import PostgresSignOnStore
from tests.support.gateway import People
from tests.support.http import http_client
from tests.support.identity_provider import CLIENT
from tests.support.ports import free_port
from tests.support.processes import dying_with_us
from tests.support.windows import OpenWindow, Window, login_of

SCREENSHOTS = os.environ.get("SCREENSHOTS")


async def show(window: Window, name: str) -> None:
    if SCREENSHOTS:
        await window.page.screenshot(path=Path(SCREENSHOTS) / f"{name}.png")


@asynccontextmanager
async def provider_of_others(*people: dict[str, object]) -> AsyncIterator[str]:
    """In a process of its own, as it is run."""
    port = free_port()
    known = [word for person in people for word in ("--user-claims", json.dumps(person))]
    command = dying_with_us("-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port), *known)
    nowhere = asyncio.subprocess.DEVNULL
    running = await asyncio.create_subprocess_exec(*command, stdout=nowhere, stderr=nowhere)
    issuer = f"http://127.0.0.1:{port}"
    try:
        async with asyncio.timeout(60), http_client() as http:
            while not await _answers(http, issuer):  # noqa: ASYNC110 - a server tells nobody that it is up
                await asyncio.sleep(0.05)
        yield issuer
    finally:
        running.kill()
        await running.wait()


async def _answers(http: httpx2.AsyncClient, issuer: str) -> bool:
    try:
        return (await http.get(f"{issuer}/.well-known/openid-configuration")).status_code == 200
    except httpx2.HTTPError:
        return False


async def configure(people: People, issuer: str) -> None:
    domain = people.company.domain
    secret = Seal().close(b"whatever", about(domain))
    provider = Provider(
        domain=domain, issuer=issuer, client_id=CLIENT, secret=secret, email_domains=(), trusts_emails=False
    )
    audit = AuditLine(at=datetime.now(UTC), user=None, operator=None, action="test", target="test")
    await PostgresSignOnStore(people.pool).set_provider(provider, audit)


async def test_a_companys_own_login_leads_in_and_says_why_if_it_does_not(
    people: People, open_window: OpenWindow
) -> None:
    email = f"{secrets.token_hex(4)}@acme.test"
    anna = await people.add("1001", first_name="Anna", last_name="Berg", emails=[email])
    known = {"sub": "anna", "email": email, "email_verified": True}
    stranger = {"sub": "stranger", "email": "x@acme.test", "email_verified": True}
    async with provider_of_others(known, stranger) as issuer:
        await configure(people, issuer)
        window = await open_window(people.gateway.url)
        window.expects("request to another host")
        window.expects("Failed to load resource")  # the style sheet of its page comes from elsewhere
        page = window.page
        # It is not waited for: whether its host can be reached is nothing of ours.
        await page.route(re.compile(r"^https?://(?!127\.0\.0\.1)"), lambda route: route.abort())
        await window.open()
        await expect(page.get_by_role("button", name="Log in with your company's login")).to_be_hidden()
        await page.get_by_label("Login name").fill(login_of(people, anna))
        await page.keyboard.press("Tab")
        company = page.get_by_role("button", name="Log in with your company's login")
        await expect(company).to_be_visible()
        await show(window, "sign-on-light")
        await company.click()
        await page.get_by_role("button", name="stranger").click()
        await expect(page.get_by_role("alert").filter(visible=True)).to_contain_text("no account here belongs to it")
        assert "#" not in page.url
        await show(window, "sign-on-nobody-light")
        await page.get_by_label("Login name").fill(login_of(people, anna))
        await page.keyboard.press("Tab")
        await company.press("Enter")
        await page.get_by_role("button", name="anna").click()
        await window.is_live()
        await expect(page.locator("you-panel").get_by_role("heading", name="Anna Berg")).to_be_visible()
