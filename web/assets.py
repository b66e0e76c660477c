"""Bytes that are ready before anybody asks: their types, tags and headers. For portal files and documents."""

import gzip
import hashlib
import re
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


_TEXT: Final = ("text/", "application/json", "application/manifest+json", "image/svg+xml")
"""What becomes smaller; pictures are small already."""
_LEAST_BYTES: Final = 256
_NEVER: Final = re.compile(r"q=0(\.0*)?")


@dataclass(frozen=True, slots=True)
class Asset:
    body: bytes
    media_type: str
    etag: str
    zipped: bytes = b""
    """The same in gzip, made once; empty if that would save nothing."""

    @classmethod
    def of(cls, body: bytes, media_type: str) -> Self:
        return cls(body, media_type, f'"{hashlib.sha256(body).hexdigest()[:32]}"', _zipped(body, media_type))


def asset_response(request: Request, asset: Asset, caching: str, headers: Mapping[str, str]) -> Response:
    shown = {"ETag": asset.etag, "Cache-Control": caching, **headers}
    is_zipped = bool(asset.zipped) and _takes_gzip(request.headers.get("accept-encoding", ""))
    if asset.zipped:
        shown["Vary"] = "Accept-Encoding"
    if is_zipped:
        # Other bytes have another tag, or a range of one could be put together with a range of the other.
        shown["ETag"] = f'{asset.etag[:-1]}-gzip"'
    if _has_it(request.headers.get("if-none-match", ""), shown["ETag"]):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=shown)
    if is_zipped:
        shown["Content-Encoding"] = "gzip"
    return Response(asset.zipped if is_zipped else asset.body, headers=shown, media_type=asset.media_type)


def _zipped(body: bytes, media_type: str) -> bytes:
    if len(body) < _LEAST_BYTES or not media_type.startswith(_TEXT):
        return b""
    zipped = gzip.compress(body, 9, mtime=0)
    return zipped if len(zipped) < len(body) else b""


def _takes_gzip(accept_encoding: str) -> bool:
    """RFC 9110, section 12.5.3: `gzip;q=0` means never."""
    for each in accept_encoding.lower().split(","):
        coding, _, weight = each.partition(";")
        if coding.strip() in ("gzip", "x-gzip"):
            return not _NEVER.fullmatch(weight.strip())
    return False


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
    """Weak comparison (RFC 9110, section 13.1.2): a proxy that takes the compression off makes our tag a weak one."""
    given = [each.strip().removeprefix("W/") for each in if_none_match.split(",")]
    return "*" in given or etag in given
