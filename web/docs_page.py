"""/docs: the generated documents as plain pages, and /openapi.json. No scripts at all, and nothing from elsewhere."""

import asyncio
import html
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from web.assets import REVALIDATE, Asset, asset_response, page_headers
from web.documents import Block, Heading, Items, Paragraph, targets_in, text_to_html, to_html
from web.http_document import http_document
from web.openapi import openapi_document
from web.protocol_document import protocol_document
from wire.operations import Operation

_PAGES = {"/docs": "Overview", "/docs/http": "HTTP", "/docs/protocol": "WebSocket", "/openapi.json": "OpenAPI"}
_STYLE = "/docs/style.css"


def docs_routes(operations: Sequence[Operation], version: str) -> list[Route]:
    """`operations`: all that are served, so that the pages tell of this gateway and no other.

    Nothing is made before somebody asks for it: reading what the sources say of each field takes as long as everything
    else that a gateway does when it starts.
    """
    makers: dict[str, Callable[[], Asset]] = {
        "/docs": lambda: _page_asset("/docs", _overview(version)),
        "/docs/http": lambda: _page_asset("/docs/http", http_document(operations)),
        "/docs/protocol": lambda: _page_asset("/docs/protocol", protocol_document()),
        _STYLE: lambda: Asset.of(Path(__file__).with_name("docs.css").read_bytes(), "text/css; charset=utf-8"),
        "/openapi.json": lambda: Asset.of(
            msgspec.json.encode(openapi_document(operations, version)), "application/json"
        ),
    }
    return [_route(path, _MadeOnce(make)) for path, make in makers.items()]


class _MadeOnce:
    """In a thread, however many ask: it takes up to a second of the processor."""

    def __init__(self, make: Callable[[], Asset]) -> None:
        self._make = make
        self._lock = asyncio.Lock()
        self._asset: Asset | None = None

    async def get(self) -> Asset:
        async with self._lock:
            if self._asset is None:
                self._asset = await asyncio.to_thread(self._make)
            return self._asset


def _route(path: str, made: _MadeOnce) -> Route:
    headers = page_headers()

    async def serve(request: Request) -> Response:
        return asset_response(request, await made.get(), REVALIDATE, headers)

    return Route(path, serve, name=path)


def _page_asset(path: str, blocks: Sequence[Block]) -> Asset:
    return Asset.of(_page(path, blocks).encode(), "text/html; charset=utf-8")


def _overview(version: str) -> list[Block]:
    return [
        Heading(1, "Presence gateway"),
        Paragraph(f"Version {version}. Presence, chat and contacts beside a hosted telephone system."),
        Items(
            [
                "HTTP (`/docs/http`): log in, read and change what is kept.",
                "WebSocket (`/docs/protocol`): everything live, at `/ws`.",
                "OpenAPI 3.1 (`/openapi.json`): the HTTP part for machines.",
            ]
        ),
    ]


def _page(path: str, blocks: Sequence[Block]) -> str:
    links = " ".join(_link(each, title, path) for each, title in _PAGES.items())
    return f"""\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{html.escape(_PAGES[path])} - Presence gateway</title>
<link rel="stylesheet" href="{_STYLE}">
</head>
<body>
<nav><strong>Presence gateway</strong> {links}</nav>
<main>
{_with_contents(blocks)}
</main>
</body>
</html>
"""


def _link(path: str, title: str, current: str) -> str:
    here = ' aria-current="page"' if path == current else ""
    return f'<a href="{path}"{here}>{title}</a>'


def _with_contents(blocks: Sequence[Block]) -> str:
    """Contents after the title and its paragraph, if there is enough to need them."""
    targets = {**targets_in(blocks), **{path: path for path in _PAGES}}
    sections = [each for each in blocks if isinstance(each, Heading) and each.level == 2]
    if not sections:
        return to_html(blocks, targets)
    items = "".join(f'<li><a href="#{each.anchor}">{text_to_html(each.text)}</a></li>' for each in sections)
    return "\n".join([to_html(blocks[:2], targets), f'<ul class="contents">{items}</ul>', to_html(blocks[2:], targets)])
