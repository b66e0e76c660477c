"""A conversation taken along over real HTTP, by those who are in it and by nobody else."""

import httpx2

from tests.support.files import FileClient
from tests.support.gateway import People
from tests.support.masks import token_of_mask
from wire.commands import OpenConversation, SendMessage
from wire.replies import ConversationOpened, MessageSent


async def test_a_conversation_is_taken_along_by_its_members_only(people: People) -> None:
    anna, ben, carol = await people.add("1001"), await people.add("1002"), await people.add("1003")
    async with await people.connect(anna) as socket:
        opened = await socket.ask(OpenConversation(user=ben), ConversationOpened)
        conversation = opened.conversation.conversation
        await socket.ask(SendMessage(conversation=conversation, client_id="12345678", body="hello"), MessageSent)
    path = f"/v1/conversations/{conversation}/export"

    async def asks(token: str, rest: str = "") -> httpx2.Response:
        async with FileClient.open(people.gateway.url, token) as client:
            return await client.http.get(path + rest)

    whole = await asks(await people.token(ben))
    assert [each["body"] for each in whole.json()["messages"]] == ["hello"]
    assert whole.headers["content-disposition"].startswith(f'attachment; filename="conversation-{conversation}.json"')
    text = await asks(await people.token(anna), "?format=text")
    assert text.headers["content-type"] == "text/plain; charset=utf-8"
    assert text.text.endswith("User 1001: hello\n")
    assert (await asks(await people.token(carol))).status_code == 404
    masked = await token_of_mask(people, anna, operator=await people.add("2000", scope=7))
    assert (await asks(masked)).status_code == 403
    assert (await asks(await people.token(anna), "?format=xml")).json()["field"] == "format"
