"""Asks other machines over HTTP. Nothing that they answer is believed or kept beyond its status.

Redirects are not followed: where we send was decided by an operator, and is not for the other end to change. Proxies of
the environment are not used, since what is told is for that machine alone.
"""

import asyncio
from collections.abc import Mapping

import httpx2

from wire.outgoing import Answered, Unreachable, is_address

SECONDS = 5.0
"""For each step: to connect, to send, to wait for the answer."""
MOST_SECONDS = 10.0
"""For all of it: an end that sends a byte now and then must not hold us for ever."""
MOST_CONNECTIONS = 50
_MOST_RETRY_AFTER = 900.0


class HttpOutgoing:
    """See `wire.outgoing.Outgoing`."""

    def __init__(self, user_agent: str) -> None:
        self._http = httpx2.AsyncClient(
            follow_redirects=False,
            trust_env=False,
            timeout=SECONDS,
            limits=httpx2.Limits(max_connections=MOST_CONNECTIONS, max_keepalive_connections=MOST_CONNECTIONS),
            headers={"User-Agent": user_agent},
        )

    async def send(self, method: str, url: str, content: bytes, headers: Mapping[str, str]) -> Answered:
        if not is_address(url):
            raise Unreachable("only addresses that begin with http:// or https:// are asked")
        try:
            # As a stream: of an answer without end nothing is read but its beginning.
            async with (
                asyncio.timeout(MOST_SECONDS),
                self._http.stream(
                    method, url, content=content, headers={"Content-Type": "application/json", **headers}
                ) as answer,
            ):
                return Answered(answer.status_code, _retry_after(answer.headers.get("retry-after", "")))
        except TimeoutError as error:
            raise Unreachable("no answer in time") from error
        except httpx2.HTTPError as error:
            raise Unreachable(_in_words(error)) from error

    async def close(self) -> None:
        await self._http.aclose()


def _retry_after(text: str) -> float:
    """Seconds only; a date would need the other end's clock to be right."""
    return min(float(text), _MOST_RETRY_AFTER) if text.isascii() and text.isdigit() else 0.0


def _in_words(error: httpx2.HTTPError) -> str:
    """The kind of the failure; its own text may name the address, which may hold a secret."""
    words = {
        "ConnectError": "no connection",
        "ConnectTimeout": "no connection in time",
        "ReadTimeout": "no answer in time",
    }
    return words.get(type(error).__name__, type(error).__name__)
