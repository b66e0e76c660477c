"""The documents as pages: there, linked, and without anything that a strict policy would stop."""

import re
from collections.abc import AsyncIterator

import httpx2
import pytest
import pytest_asyncio
from openapi_spec_validator import validate
from prometheus_client import CollectorRegistry

from tests.support.serving import serving
from tests.web.support import OPERATIONS
from web.application import make_application
from web.docs_page import docs_routes

PAGES = ["/docs", "/docs/http", "/docs/protocol"]


@pytest_asyncio.fixture(scope="module")
async def address() -> AsyncIterator[str]:
    application = make_application(docs_routes(OPERATIONS, "1.2.3"), registry=CollectorRegistry())
    async with serving(application) as found:
        yield found


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_has_no_scripts_no_inline_styles_and_nothing_from_elsewhere(
    client: httpx2.AsyncClient, path: str
) -> None:
    response = await client.get(path)
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert response.headers["content-security-policy"].startswith("default-src 'self'")
    assert not re.search(r"<script|<style|style=|\son\w+=|javascript:", response.text)
    assert not re.search(r'(?:href|src)="(?!/|#)', response.text)


@pytest.mark.parametrize("path", PAGES)
async def test_every_link_leads_somewhere(client: httpx2.AsyncClient, path: str) -> None:
    page = (await client.get(path)).text
    for link in set(re.findall(r'href="([^"]+)"', page)):
        if link.startswith("#"):
            assert page.count(f'id="{link[1:]}"') == 1
        else:
            assert (await client.get(link)).status_code == 200


async def test_the_pages_tell_of_the_operations_that_are_served(client: httpx2.AsyncClient) -> None:
    page = (await client.get("/docs/http")).text
    assert all(f"{each.method} {each.path}" in page for each in OPERATIONS)


async def test_the_machine_readable_document_is_served(client: httpx2.AsyncClient) -> None:
    response = await client.get("/openapi.json")
    assert response.headers["content-type"] == "application/json"
    validate(response.json())


async def test_pages_may_be_kept_but_are_asked_about(client: httpx2.AsyncClient) -> None:
    response = await client.get("/docs")
    again = await client.get("/docs", headers={"If-None-Match": response.headers["etag"]})
    assert (response.headers["cache-control"], again.status_code) == ("no-cache", 304)
