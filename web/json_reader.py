"""Reads JSON from addresses that an operator named: limited in time and size, without following redirects."""

import asyncio
from typing import Any
from urllib.parse import urlsplit

import httpx2
import msgspec

from accounts.single_sign_on.errors import ProviderAway
from accounts.single_sign_on.tokens import BadKeys, keys_of_address
from wire.outgoing import is_address

SECONDS = 5.0
MOST_SECONDS = 15.0
_MOST_BYTES = 1_048_576


class JsonReader:
    """`options`: those of the client, for whoever asks the same machines for something else."""

    def __init__(self, user_agent: str) -> None:
        self.options: dict[str, Any] = {
            "follow_redirects": False,
            "trust_env": False,
            "timeout": SECONDS,
            "headers": {"User-Agent": user_agent},
        }
        self._http = httpx2.AsyncClient(**self.options)

    async def close(self) -> None:
        await self._http.aclose()

    async def read(self, url: str) -> dict[str, Any]:
        """Raises `ProviderAway`."""
        if not is_address(url):
            raise ProviderAway("it has no address that can be asked")
        try:
            async with asyncio.timeout(MOST_SECONDS), self._http.stream("GET", url) as answer:
                if answer.status_code != httpx2.codes.OK:
                    raise ProviderAway(f"it answers {answer.status_code}")
                body = bytearray()
                async for part in answer.aiter_bytes():
                    body += part
                    if len(body) > _MOST_BYTES:
                        raise ProviderAway("it answers without end")
            return msgspec.json.decode(body, type=dict[str, Any])
        except (TimeoutError, httpx2.HTTPError, ValueError) as error:
            raise ProviderAway(type(error).__name__) from error


async def read_keys(url: str) -> bytes:
    """Once, what `IssuerKeys` reads again and again. Raises `BadKeys`, also if nothing can be read."""
    reader = JsonReader("presence-gateway")
    try:
        return keys_of_address(await reader.read(url))
    except ProviderAway as away:
        raise BadKeys(away.why) from away
    finally:
        await reader.close()


def is_trusted_address(url: str) -> bool:
    """https; or http on this machine, to try it."""
    return is_address(url) and (urlsplit(url).scheme == "https" or urlsplit(url).hostname in ("localhost", "127.0.0.1"))
