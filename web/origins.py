"""Whether a browser's request comes from a page that may act for its user. Pure; for HTTP and for the WebSocket.

A browser sends our cookie along with requests that other sites' pages make it send. It also says, in headers that no
page can forge, which site that was; whoever sends a cookie without them is no browser that we know.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class OriginRule:
    """`trusted` are whole origins, `https://portal.example.com`, in lower case. The host that was asked always is."""

    trusted: frozenset[str] = frozenset()

    @classmethod
    def of(cls, public_url: str, allowed_origins: Iterable[str]) -> Self:
        given = [*allowed_origins, public_url] if public_url else [*allowed_origins]
        return cls(frozenset(_origin_of(each) for each in given))

    def allows(self, origin: str | None, *, site: str | None, host: str, secure: bool) -> bool:
        """`site` is Sec-Fetch-Site, `host` the Host header, `secure`: the request came over TLS.

        Without either header the answer is no.
        """
        if origin is not None and origin.lower() in self.trusted:
            return True
        if site is not None:
            # `none`: the user typed the address. `same-site` is a sibling host, which may be somebody else's.
            return site in ("same-origin", "none")
        return origin is not None and _is_own(origin.lower(), host.lower(), secure=secure)


def _is_own(origin: str, host: str, *, secure: bool) -> bool:
    scheme, separator, authority = origin.partition("://")
    if not separator or not authority or authority != host:
        return False
    # Behind a proxy that ends TLS without saying so, a page of ours has https although we see http. The reverse would
    # be a page that somebody on the way has put in place of ours.
    return scheme == "https" or (scheme == "http" and not secure)


def _origin_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()
