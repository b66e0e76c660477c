"""/docs: the generated documents as plain pages, and /openapi.json. No scripts at all, and nothing from elsewhere."""

import html
from collections.abc import Sequence
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
    """`operations`: all that are served, so that the pages tell of this gateway and no other."""
    html_type = "text/html; charset=utf-8"
    pages = {
        "/docs": _overview(version),
        "/docs/http": http_document(operations),
        "/docs/protocol": protocol_document(),
    }
    assets = {path: Asset.of(_page(path, blocks).encode(), html_type) for path, blocks in pages.items()}
    assets[_STYLE] = Asset.of(Path(__file__).with_name("docs.css").read_bytes(), "text/css; charset=utf-8")
    document = msgspec.json.encode(openapi_document(operations, version))
    assets["/openapi.json"] = Asset.of(document, "application/json")
    return [_route(path, asset) for path, asset in assets.items()]


def _route(path: str, asset: Asset) -> Route:
    headers = page_headers()

    async def serve(request: Request) -> Response:
        return asset_response(request, asset, REVALIDATE, headers)

    return Route(path, serve, name=path)


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
