"""One small service on a real server for all tests of HTTP."""

from collections.abc import AsyncIterator

import httpx2
import pytest_asyncio

from tests.support.http import http_client
from tests.support.serving import serving
from tests.web.support import make_service


@pytest_asyncio.fixture(scope="module")
async def address() -> AsyncIterator[str]:
    async with serving(make_service()) as found:
        yield found


@pytest_asyncio.fixture
async def client(address: str) -> AsyncIterator[httpx2.AsyncClient]:
    async with http_client(address) as made:
        yield made
