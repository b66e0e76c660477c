"""Whether a browser's request comes from a page that may act for its user. Pure; for HTTP and for the WebSocket.

A browser sends our cookie along with requests that other sites' pages make it send. It also says, in headers that no
page can forge, which site that was; whoever sends a cookie without them is no browser that we know. A cookie therefore
counts for pages of ours alone; pages of allowed origins bring a token.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class OriginRule:
    """Both are whole origins, `https://portal.example.com`, in lower case. The host that was asked is our own, too."""

    own: frozenset[str] = frozenset()
    allowed: frozenset[str] = frozenset()

    @classmethod
    def of(cls, public_url: str, allowed_origins: Iterable[str]) -> Self:
        own = frozenset([_origin_of(public_url)] if public_url else [])
        return cls(own, frozenset(_origin_of(each) for each in allowed_origins))

    def allows(self, origin: str | None, *, site: str | None, host: str, secure: bool) -> bool:
        """Whether a page may ask us at all, with a token. `site`, `host` and `secure` as for `is_own`.

        Without either header the answer is no.
        """
        if origin is not None and origin.lower() in self.allowed:
            return True
        return self.is_own(origin, site=site, host=host, secure=secure)

    def is_own(self, origin: str | None, *, site: str | None, host: str, secure: bool) -> bool:
        """Whether it is a page of ours, for which the cookie counts.

        `site` is Sec-Fetch-Site, `host` the Host header, `secure`: the request came over TLS. Without either header the
        answer is no.
        """
        if origin is not None and origin.lower() in self.own:
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
