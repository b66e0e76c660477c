"""How tests speak HTTP with a server on this machine: past any proxy, and with patience."""

from typing import Any

import httpx2

from tests.support.waiting import WAIT


def http_client(url: str = "", **options: Any) -> httpx2.AsyncClient:
    """Paths are below `url`, if one is given. `options`: what else `httpx2.AsyncClient` takes.

    The library's own limit of five seconds is too short for a machine that does much else.
    """
    return httpx2.AsyncClient(**{"base_url": url, "timeout": WAIT, "trust_env": False, **options})
