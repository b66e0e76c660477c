"""A program with a key, over real HTTP and a real WebSocket."""

from collections.abc import AsyncIterator

import httpx2
import pytest

from tests.support.chat import make_client_id
from tests.support.client import Client
from tests.support.gateway import People
from tests.support.http import http_client
from wire.commands import ListConversations, OpenConversation, SendMessage, SetAvailable, SetDnd
from wire.errors import CloseCode, ErrorCode
from wire.events import ConversationsSnapshot, MessageAdded
from wire.identity import Scope, UserId
from wire.replies import ConversationOpened, Done, MessageSent


@pytest.fixture
async def http(people: People) -> AsyncIterator[httpx2.AsyncClient]:
    async with http_client(people.gateway.url) as client:
        yield client


async def make_key(people: People, http: httpx2.AsyncClient, boss: UserId, *scopes: str) -> tuple[str, str]:
    """Its id and its token."""
    headers = {"Authorization": f"Bearer {await people.token(boss)}"}
    made = await http.post("/v1/api-keys", json={"name": "-".join(scopes), "scopes": [*scopes]}, headers=headers)
    assert made.status_code == 201, made.text
    return made.json()["key"]["key"], made.json()["token"]


async def test_over_http_a_key_does_what_it_was_made_for_and_nothing_else(
    people: People, http: httpx2.AsyncClient
) -> None:
    boss = await people.add("1051", scope=Scope.OFFICE_MANAGER)
    _, token = await make_key(people, http, boss, "directory.read")
    headers = {"Authorization": f"Bearer {token}"}
    assert [each["extension"] for each in (await http.get("/v1/directory", headers=headers)).json()["items"]] == [
        "1051"
    ]
    assert (await http.get("/v1/me", headers=headers)).status_code == 200
    refused = {
        "GET": ["/v1/contacts", "/v1/presence", "/v1/profile", "/v1/api-keys", "/v1/sessions", "/v1/users"],
        "POST": ["/v1/tickets", "/v1/api-keys", "/v1/logout", "/v1/second-factor/turn-off"],
        "DELETE": ["/v1/sessions", "/v1/users/1/second-factor"],
    }
    for method, paths in refused.items():
        for path in paths:
            answer = await http.request(method, path, headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed"), path
    async with await Client.open(people.gateway.url) as socket:
        with pytest.raises(AssertionError, match="the connection ended"):
            await socket.log_in(token)
        assert await socket.closed() == CloseCode.NOT_LOGGED_IN


async def test_over_the_websocket_a_key_sees_presence_and_no_chat_and_lights_no_dot(
    people: People, http: httpx2.AsyncClient
) -> None:
    boss = await people.add("1051", scope=Scope.OFFICE_MANAGER)
    anna = await people.add("1001")
    key, token = await make_key(people, http, boss, "live")
    program = await Client.open(people.gateway.url, token)
    at_anna = await people.connect(anna)
    async with program, at_anna:
        opened = await at_anna.ask(OpenConversation(user=boss), ConversationOpened)
        written = SendMessage(conversation=opened.conversation.conversation, client_id=make_client_id(), body="secret")
        await at_anna.ask(written, MessageSent)
        await at_anna.ask(SetDnd(on=True), Done)
        await program.sees(anna, dnd=True)
        assert not any(isinstance(each, ConversationsSnapshot | MessageAdded) for each in program.messages)
        assert boss not in at_anna.presence or not at_anna.presence[boss].chat
        for command in (ListConversations(), written, SetDnd(on=True), SetAvailable(available=True)):
            assert (await program.refused(command)).code is ErrorCode.NOT_ALLOWED
        headers = {"Authorization": f"Bearer {await people.token(boss)}"}
        assert (await http.delete(f"/v1/api-keys/{key}", headers=headers)).status_code == 204
        assert await program.closed() == CloseCode.SESSION_ENDED
