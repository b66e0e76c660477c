"""Asks the API. What can be tried again is a `LineLost`, what only an operator can set right a `LineRefused`."""

from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote

import httpx2

from pbx.adapter.errors import LineLost, LineRefused
from pbx.netsapiens.records import Record

ANSWER_SECONDS = 10.0
PAGE = 500
MOST_RECORDS = 200_000


class NotFound(LineRefused):
    """There is no such thing there, or this version has no such list."""


class NetSapiensApi:
    """`offset`: our clock minus the platform's, by its last answer."""

    def __init__(self, http: httpx2.AsyncClient, clock: Callable[[], float]) -> None:
        self._http = http
        self._clock = clock
        self.offset = 0.0

    async def list_all(self, *path: str) -> list[Record]:
        """All records of a list, page by page."""
        records: list[Record] = []
        while True:
            page = _records_in(await self._ask("GET", path, start=len(records), limit=PAGE))
            records += page
            if len(page) < PAGE:
                return records
            if len(records) >= MOST_RECORDS:
                raise LineLost(f"the platform lists more than {MOST_RECORDS} of {path[-1]}")

    async def change(self, *path: str, to: Record) -> None:
        await self._ask("PUT", path, content=to)

    async def create(self, *path: str, of: Record) -> Record:
        """The record that was made; empty if there was one like it before."""
        made = _records_in(await self._ask("POST", path, content=of, tolerated=(409,)))
        return made[0] if made else {}

    async def _ask(
        self,
        method: str,
        path: tuple[str, ...],
        content: Record | None = None,
        tolerated: tuple[int, ...] = (),
        **query: Any,
    ) -> Any:
        where = "/" + "/".join(quote(part, safe="*") for part in path)
        try:
            answer = await self._http.request(method, where, params=query or None, json=content)
        except httpx2.HTTPError as error:
            raise LineLost(f"{where}: {str(error) or type(error).__name__}") from error
        self._set_offset(answer)
        if answer.status_code in tolerated:
            return []
        if not 200 <= answer.status_code < 300:
            raise _problem_of(answer, where)
        try:
            return answer.json() if answer.content else []
        except ValueError as error:
            raise LineLost(f"{where}: the answer is no JSON") from error

    def _set_offset(self, answer: httpx2.Response) -> None:
        try:
            self.offset = self._clock() - parsedate_to_datetime(answer.headers.get("Date", "")).timestamp()
        except ValueError:
            return


def _problem_of(answer: httpx2.Response, where: str) -> Exception:
    if answer.status_code in (401, 403):
        return LineRefused(
            f"NetSapiens refuses {where} ({answer.status_code}): check NETSAPIENS_API_KEY, and the domains in its scope"
        )
    if answer.status_code in (400, 404, 405):
        return NotFound(f"NetSapiens knows no {where} ({answer.status_code}): check --url and --domain")
    return LineLost(f"{where}: {answer.status_code} {answer.reason_phrase}")


def _records_in(answer: object) -> list[Record]:
    """A list, a single record, or a list inside one."""
    if isinstance(answer, dict):
        inner = answer.get("data")
        answer = inner if isinstance(inner, list) else [answer]
    return [record for record in answer if isinstance(record, dict)] if isinstance(answer, list) else []


def netsapiens_client(url: str, key: str) -> httpx2.AsyncClient:
    """Speaks to the API at `url` (it ends in /ns-api/v2) with an API key."""
    return httpx2.AsyncClient(
        base_url=url,
        headers={"Authorization": f"Bearer {key}", "Accept": "application/json"},
        timeout=ANSWER_SECONDS,
        follow_redirects=False,
    )
