"""The same journeys where our own WebSocket protocol does not serve: the library's class, and any other ASGI server."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, suppress

import pytest
from websockets.exceptions import ConnectionClosed

from gateway import create_app
from settings import Settings
from storage.embedded import EmbeddedServers
from tests.support.client import Client
from tests.support.gateway import GatewayProcess, People
from tests.support.serving import serving
from wire.codec import Subprotocol
from wire.commands import OpenConversation, SendMessage, SetAvailable, SetDnd
from wire.errors import CloseCode, ErrorCode
from wire.events import MessageAdded
from wire.identity import UserId
from wire.records import Colour
from wire.replies import ConversationOpened, Done, MessageSent


@pytest.fixture(scope="module", params=["library", "plain uvicorn"])
async def url(
    request: pytest.FixtureRequest,
    start_gateway: Callable[..., GatewayProcess],
    database_url: str,
    servers: EmbeddedServers,
) -> AsyncIterator[str]:
    """Of a gateway beside the usual one, on the same stores."""
    async with AsyncExitStack() as stack:
        if request.param == "library":
            yield start_gateway(PRESENCE_WEBSOCKET="library").url
        else:
            settings = Settings(database_url=database_url, redis_url=servers.redis_url)
            yield await stack.enter_async_context(serving(create_app(settings)))


async def connect(
    people: People, url: str, user: UserId, subprotocol: Subprotocol = Subprotocol.JSON, *, available: bool = True
) -> Client:
    return await Client.open(url, await people.token(user), subprotocol=subprotocol, available=available)


async def test_people_on_both_see_each_other_and_write(people: People, url: str) -> None:
    anna, ben, clara = await people.add("1001"), await people.add("1002"), await people.add("1003")
    async with (
        await connect(people, url, anna) as a,
        await people.connect(ben) as b,
        await connect(people, url, clara, Subprotocol.MSGPACK) as c,
    ):
        await a.ask(SetDnd(on=True), Done)
        for each in (a, b, c):
            await each.sees(anna, colour=Colour.RED, dnd=True)
        await b.ask(SetAvailable(available=False), Done)
        for each in (a, c):
            await each.sees(ben, colour=Colour.OFFLINE)
        opened = await a.ask(OpenConversation(user=ben), ConversationOpened)
        conversation = opened.conversation.conversation
        for number in range(5):
            await a.ask(
                SendMessage(conversation=conversation, client_id=f"message-{number}", body=f"{number}"), MessageSent
            )
        await b.receives(MessageAdded, lambda added: added.message.body == "4")
        assert not [*a.stepped_back, *b.stepped_back, *c.stepped_back]
    async with await people.connect(ben, available=False) as b:
        await b.sees(clara, chat=False)
        await b.sees(anna, chat=False)


async def test_commands_are_answered_in_their_order_and_wrong_ones_by_name(people: People, url: str) -> None:
    anna = await people.add("1001")
    async with await connect(people, url, anna, available=False) as a:
        for number in range(1, 21):
            op = '"set_dnd","on":true' if number % 2 else '"set_available","available":false'
            await a.send_raw(f'{{"op":{op},"id":{number}}}')
        await a.until(lambda: len(a.replies) >= 20, "all replies")
        assert [number for number in a.replies if number <= 20][-20:] == sorted(a.replies)[-20:]
        await a.send_raw('{"op":"set_dnd","id":77,"on":"perhaps"}')
        await a.until(lambda: 77 in a.replies, "the refusal")
        refusal = a.replies[77]
        assert (refusal.code, refusal.field) == (ErrorCode.INVALID, "on")  # type: ignore[union-attr]
        with suppress(ConnectionClosed):  # it may be closed before the last of them
            for _ in range(20):
                await a.send_raw("{")
        assert await a.closed() == CloseCode.MALFORMED


async def test_who_sets_do_not_disturb_and_closes_has_set_it(people: People, url: str) -> None:
    anna, ben = await people.add("1001"), await people.add("1002")
    async with await people.connect(ben) as b:
        a = await connect(people, url, anna)
        await b.sees(anna, colour=Colour.BLUE)
        await a.send(SetDnd(on=True))
        await a.close()
        await b.sees(anna, colour=Colour.RED, chat=False)
