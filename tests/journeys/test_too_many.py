"""More come, or ask more, than a gateway takes: they are told when to come back, and the others notice nothing."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from websockets.exceptions import ConnectionClosed

from tests.support.client import Client, open_websocket
from tests.support.company import Company
from tests.support.gateway import GatewayProcess, People
from tests.support.metrics import counted, risen
from wire.codec import Subprotocol
from wire.commands import Connect, SetShown
from wire.errors import CloseCode
from wire.events import Reconnect
from wire.identity import UserId
from wire.replies import Connected, Done, Failed


async def come(people: People, user: UserId, address: str) -> Client:
    websocket = await open_websocket(people.gateway.url, X_Forwarded_For=address)
    client = Client(websocket, Subprotocol.JSON)
    await client.send(Connect(id=1, token=await people.token(user)))
    return client


async def told_to_come_back(client: Client) -> float:
    """The seconds after which."""
    assert await client.closed() == CloseCode.BUSY
    return next(each.after for each in client.messages if isinstance(each, Reconnect))


async def test_whoever_is_over_a_limit_of_connections_is_told_when_to_come_back(
    start_gateway: Callable[..., GatewayProcess], people: People, password_hash: str
) -> None:
    limits = {"PRESENCE_CONNECTIONS_PER_DOMAIN": "2", "PRESENCE_CONNECTIONS_PER_ADDRESS": "3"}
    small = await asyncio.to_thread(start_gateway, **limits)
    here = People(people.pool, people.company, small, password_hash)
    there = People(people.pool, await Company.make(people.pool), small, password_hash)
    anna, ben, carol = await here.add("1001"), await there.add("1001"), await there.add("1002")

    first, second = [await come(here, anna, "192.0.2.7") for _ in range(2)]
    for client in (first, second):
        await client.receives(Connected)
    assert 60 <= await told_to_come_back(await come(here, anna, "192.0.2.8")) <= 90
    third = await come(there, ben, "192.0.2.7")
    await third.receives(Connected)
    assert 60 <= await told_to_come_back(await come(there, carol, "192.0.2.7")) <= 90
    samples = await counted(small)
    for limit in ("domain", "address"):
        assert risen({}, samples, "presence_sent_away_total", limit=limit) == 1
    await first.close()
    fourth = await come(there, carol, "192.0.2.7")
    await fourth.receives(Connected)
    for client in (second, third, fourth):
        await client.close()


async def test_whoever_goes_on_being_too_fast_is_sent_away(people: People) -> None:
    anna, ben = await people.add("1001"), await people.add("1002")
    before = await counted(people.gateway)
    async with await people.connect(anna) as flood, await people.connect(ben) as calm:
        for _ in range(100):
            await flood.send_raw(b'{"op":"set_shown","conversations":[]}')
        await flood.receives(Failed, lambda reply: bool(reply.retry_after))
        await calm.ask(SetShown(conversations=[]), Done)
        with suppress(ConnectionClosed):  # it may be sent away in the middle
            for _ in range(1_000):
                await flood.send_raw(b'{"op":"set_shown","conversations":[]}')
        assert await flood.closed() == CloseCode.TOO_FAST
        await calm.ask(SetShown(conversations=[]), Done)
    assert risen(before, await counted(people.gateway), "presence_commands_refused_total", kind="live") >= 300
