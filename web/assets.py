"""Bytes that are ready before anybody asks: their types, tags and headers. For portal files and documents."""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, Self

from starlette.requests import Request
from starlette.responses import Response

REVALIDATE: Final = "no-cache"
"""To be kept, but asked about each time: 304 if it is still the same."""
FOR_EVER: Final = "public, max-age=31536000, immutable"
"""Only for addresses that change with what is there."""


@dataclass(frozen=True, slots=True)
class Asset:
    body: bytes
    media_type: str
    etag: str

    @classmethod
    def of(cls, body: bytes, media_type: str) -> Self:
        return cls(body, media_type, f'"{hashlib.sha256(body).hexdigest()[:32]}"')


def asset_response(request: Request, asset: Asset, caching: str, headers: Mapping[str, str]) -> Response:
    shown = {"ETag": asset.etag, "Cache-Control": caching, **headers}
    if _has_it(request.headers.get("if-none-match", ""), asset.etag):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=shown)
    return Response(asset.body, headers=shown, media_type=asset.media_type)


def page_headers(framing_origins: Collection[str] = ()) -> dict[str, str]:
    """For pages and whatever they load. Scripts and styles come from files of ours, never from inside a page.

    `framing_origins`: other sites whose pages may show ours in a frame.
    """
    framing = ("'self'", *sorted(framing_origins))
    policy = [
        "default-src 'self'",
        "img-src 'self' data: blob:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        f"frame-ancestors {' '.join(framing)}",
    ]
    return {"Content-Security-Policy": "; ".join(policy), "Cross-Origin-Opener-Policy": "same-origin"}


def _has_it(if_none_match: str, etag: str) -> bool:
    """Weak comparison (RFC 9110, section 13.1.2): a proxy that compresses makes our tag a weak one."""
    given = [each.strip().removeprefix("W/") for each in if_none_match.split(",")]
    return "*" in given or etag in given
