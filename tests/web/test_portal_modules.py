"""The portal as it is served: everything that its page and modules name is there, of the right type, and lasting."""

import re
from pathlib import Path
from urllib.parse import urljoin

import httpx2
import pytest
from prometheus_client import CollectorRegistry

from web.application import make_application
from web.static import PortalFiles, portal_routes

PORTAL = Path(__file__).parent.parent.parent / "portal"

_IN_PAGE = re.compile(r'(?:src|href)="([^"]+)"')
_IN_MODULE = re.compile(
    r"""^\s*(?:import|export)\b(?:[^"';]*?\bfrom)?\s*["']([^"']+)["']|\bimport\(["']([^"']+)["']\)""", re.MULTILINE
)
_IN_COMMENT = re.compile(r"/\*.*?\*/|^\s*//.*?$", re.DOTALL | re.MULTILINE)


@pytest.mark.skipif(not (PORTAL / "index.html").is_file(), reason="there is no portal in this checkout")
async def test_everything_that_the_page_loads_is_served_for_ever_and_without_inline_code() -> None:
    application = make_application(portal_routes(PortalFiles(PORTAL)), registry=CollectorRegistry())
    transport = httpx2.ASGITransport(app=application)
    async with httpx2.AsyncClient(transport=transport, base_url="http://portal.test") as client:
        page = (await client.get("/")).text
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", page)
        waiting, seen = set(_IN_PAGE.findall(page)), set[str]()
        while waiting:
            path = waiting.pop()
            seen.add(path)
            response = await client.get(path)
            assert response.status_code == 200, path
            assert ("immutable" in response.headers["cache-control"]) == path.startswith("/portal/"), path
            if path.endswith(".js"):
                source = _IN_COMMENT.sub("", response.text)
                named = {first or second for first, second in _IN_MODULE.findall(source)}
                assert all(name.startswith(("./", "../")) for name in named), f"{path} imports {named}"
                waiting |= {urljoin(path, name) for name in named} - seen
    scripts = {path.partition("/joined/")[2] for path in seen if path.endswith(".js")}
    assert {"portal/app.js", "portal/elements/define.js", "portal/words/en.js", "portal/words/de.js"} <= scripts
