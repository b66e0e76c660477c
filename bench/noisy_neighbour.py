"""One company asks as much as it can; how long another one waits meanwhile, on the same gateway and stores."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import httpx2
from msgspec import Struct

from bench.chat import make_conversations
from bench.contact_import import CONTACTS, headers_of, import_contacts, vcards
from bench.report import Row, Table
from bench.returning import Comers, comers
from bench.settling import settle
from bench.stage import Stage
from storage.postgres.pool import transaction

LOUD, QUIET = 500, 50
ASKS_A_SECOND = 20
SECONDS = 8
_MORE = 1.0
"""Seconds by which the noise begins earlier and ends later."""


class _Waited(Struct, frozen=True):
    noise: str
    said: dict[str, float]
    done: float
    refused: float


async def run(stage: Stage) -> Table:
    gateway = stage.gateway()
    async with comers() as loud, comers() as quiet:
        loud_company, quiet_company = await stage.company(LOUD), await stage.company(QUIET)
        for crowd, company, count in ((loud, loud_company, LOUD), (quiet, quiet_company, QUIET)):
            await make_conversations(stage, company)
            tokens = await stage.tokens(company, count)
            conversations = [1 + nth // 2 for nth in range(count)]
            await crowd.order("open", port=gateway.port, tokens=tokens, conversations=conversations)
        async with transaction(stage.pool) as conn:
            await conn.execute(
                "UPDATE users SET scope = 9 WHERE domain_id = $1 AND user_id = $2",
                loud_company.domain,
                loud_company.users[0],
            )
        (manager,) = await stage.tokens(loud_company, 1)
        await settle(5)

        async def importing() -> dict[str, float]:
            async with httpx2.AsyncClient(
                base_url=f"http://127.0.0.1:{gateway.port}", headers=headers_of(manager), timeout=60
            ) as http:
                await import_contacts(http, vcards(CONTACTS), {})
            return {"done": CONTACTS}

        long = SECONDS + 2 * _MORE
        noises: dict[str, Callable[[], Awaitable[dict[str, float]]]] = {
            "nobody else does anything": lambda: asyncio.sleep(0, {"done": 0.0}),
            "the other writes messages": lambda: loud.order("flood", seconds=long, kind="say"),
            "the other changes presence": lambda: loud.order("flood", seconds=long, kind="status"),
            "the other logs in": lambda: loud.order("log_in_again", seconds=long),
            "the other imports contacts": importing,
        }
        waited = [await _while(name, noise, quiet) for name, noise in noises.items()]
    rows: list[Row] = []
    for each in waited:
        told = f"{each.done:,.0f} done" + (f", {each.refused:,.0f} refused" if each.refused else "")
        rows.append(Row(f"{each.noise}: a message kept, p50", each.said["p50"] * 1e3, "ms", note=told))
        rows.append(Row("  99 of 100", each.said["p99"] * 1e3, "ms"))
    return Table(f"A company of {QUIET} beside one of {LOUD} that asks as fast as it gets answers", rows)


async def _while(name: str, noise: Callable[[], Awaitable[dict[str, float]]], quiet: Comers) -> _Waited:
    making = asyncio.ensure_future(noise())
    await asyncio.sleep(_MORE)
    said = await quiet.order("ask", seconds=SECONDS, rate=ASKS_A_SECOND, kind="say")
    made: dict[str, float] = {}
    with suppress(asyncio.CancelledError):
        made = await making
    await settle(2)
    return _Waited(name, said, made.get("done", 0), made.get("refused", 0))
