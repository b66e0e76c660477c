"""Text messages over real gateways and a provider that checks what it gets: out, in, whose they are, what fails."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from uuid import uuid4

import httpx2
import pytest

from chat.files.service import make_file_id
from chat.sms.service import AGAIN
from storage.postgres.sms import PostgresSmsStore
from tests.support.client import Client
from tests.support.files import FileClient
from tests.support.gateway import GatewayProcess, People
from tests.support.http import http_client
from tests.support.masks import token_of_mask
from tests.support.serving import serving
from tests.support.sms_provider import SECRET, FakeProvider
from tests.support.waiting import eventually
from wire.commands import EditMessage, GetMessages, ListConversations, SendMessage
from wire.errors import ErrorCode
from wire.events import ConversationAdded, MessageAdded, MessageChanged
from wire.identity import ConversationId, Extension, UserId
from wire.records import ConversationKind, Delivery
from wire.replies import ConversationsListed, Failed, MessageSent, MessagesListed

OUTSIDE = "+41791234567"
_numbers = iter(range(10_000))


@dataclass
class Scene:
    people: People
    gateway: GatewayProcess
    provider: FakeProvider
    number: str
    anna: UserId
    ben: UserId

    async def connect(self, user: UserId) -> Client:
        return await self.people.connect(user, self.gateway)

    async def ask(self, method: str, path: str, user: UserId, token: str = "", **body: str) -> httpx2.Response:
        async with FileClient.open(self.gateway.url, token or await self.people.token(user)) as client:
            return await client.http.request(method, path, json=body or None)

    async def open(self, user: UserId, to: str = OUTSIDE) -> ConversationId:
        response = await self.ask("POST", "/v1/sms/conversations", user, to=to)
        assert response.status_code == 200, response.text
        conversation: ConversationId = response.json()["conversation"]
        return conversation

    async def comes_in(self, text: str, name: str = "", **changes: str) -> httpx2.Response:
        event = {
            "type": "message",
            "id": name or uuid4().hex,
            "from": OUTSIDE,
            "to": self.number,
            "text": text,
            **changes,
        }
        return await self.provider.tells(self.gateway.url, event)

    async def reports(self, name: str, status: str) -> httpx2.Response:
        return await self.provider.tells(self.gateway.url, {"type": "status", "id": name, "status": status})

    async def until_sent(self, count: int) -> None:
        await self.provider.arrivals.until(lambda: len(self.provider.sent) >= count)


async def say(client: Client, conversation: ConversationId, body: str) -> int:
    command = SendMessage(conversation=conversation, client_id=uuid4().hex, body=body)
    return (await client.ask(command, MessageSent)).seq


async def marked(client: Client, seq: int, delivery: Delivery) -> None:
    await client.receives(MessageChanged, lambda each: each.message.seq == seq and each.message.delivery is delivery)


@pytest.fixture
async def scene(people: People, start_gateway: Callable[..., GatewayProcess]) -> AsyncIterator[Scene]:
    provider = FakeProvider()
    anna, ben = await people.add("1001"), await people.add("1002")
    number = f"+4144{next(_numbers):07d}"
    store = PostgresSmsStore(people.pool)
    await store.add_number(people.company.domain, number, [Extension("1001"), Extension("1002")], "Sales")
    async with serving(provider.application) as url:
        gateway = start_gateway(PRESENCE_SMS_URL=f"{url}/messages", PRESENCE_SMS_SECRET=SECRET)
        yield Scene(people, gateway, provider, number, anna, ben)
        gateway.kill()


async def test_a_message_goes_out_and_is_told_as_delivered_to_all_who_share_the_number(scene: Scene) -> None:
    assert (await scene.ask("GET", "/v1/sms/numbers", scene.anna)).json() == {
        "items": [{"number": scene.number, "label": "Sales"}]
    }
    async with await scene.connect(scene.anna) as a, await scene.connect(scene.ben) as b:
        conversation = await scene.open(scene.anna, "+41 79 123 45 67")
        added = await b.receives(ConversationAdded)
        assert (added.conversation.kind, added.conversation.name) == (ConversationKind.SMS, OUTSIDE)
        assert [member.user for member in added.conversation.members] == [scene.anna, scene.ben]
        seq = await say(a, conversation, "Good morning")
        await scene.until_sent(1)
        name = f"{scene.people.company.domain}/{conversation}/{seq}"
        assert scene.provider.sent == [{"id": name, "from": scene.number, "to": OUTSIDE, "text": "Good morning"}]
        await marked(b, seq, Delivery.SENT)
        assert (await scene.reports(name, "delivered")).status_code == 204
        await marked(a, seq, Delivery.DELIVERED)
        assert (await scene.reports(name, "sent")).status_code == 204
        listed = await a.ask(GetMessages(conversation=conversation), MessagesListed)
        assert [each.delivery for each in listed.messages] == [Delivery.DELIVERED]
        refused = await a.refused(EditMessage(conversation=conversation, seq=seq, body="Good evening"))
        assert refused.code == ErrorCode.NOT_ALLOWED
    assert await scene.open(scene.ben) == conversation, "one conversation for two numbers"


async def test_what_comes_in_is_in_the_same_list_once_and_counted(scene: Scene) -> None:
    async with await scene.connect(scene.anna) as a, await scene.connect(scene.ben) as b:
        for _ in range(3):
            assert (await scene.comes_in("Are you open?", name="provider-1")).status_code == 204
        for client in (a, b):
            message = (await client.receives(MessageAdded)).message
            assert (message.seq, message.sender, message.body) == (1, 0, "Are you open?")
        await scene.comes_in("Hello?")
        await b.receives(MessageAdded, lambda each: each.message.seq == 2)
        listed = await b.ask(ListConversations(), ConversationsListed)
        assert [(each.name, each.unread, each.last_seq) for each in listed.conversations] == [(OUTSIDE, 2, 2)]
        await say(a, listed.conversations[0].conversation, "Yes")
        await scene.until_sent(1)
        listed = await a.ask(ListConversations(), ConversationsListed)
        assert [(each.unread, each.last_seq) for each in listed.conversations] == [(2, 3)]
    assert [sms["text"] for sms in scene.provider.sent] == ["Yes"], "what came in is not sent back"


async def test_stop_ends_it_and_start_begins_it_again(scene: Scene) -> None:
    async with await scene.connect(scene.anna) as a:
        conversation = await scene.open(scene.anna)
        await scene.comes_in("Stop")
        await scene.until_sent(1)
        assert "no more messages" in scene.provider.sent[0]["text"]
        await scene.comes_in("STOP")
        seq = await say(a, conversation, "But we have an offer")
        await marked(a, seq, Delivery.FAILED)
        await scene.comes_in("START")
        await scene.until_sent(2)
        seq = await say(a, conversation, "Welcome back")
        await marked(a, seq, Delivery.SENT)
    assert [sms["text"] for sms in scene.provider.sent][2:] == ["Welcome back"]


async def test_messages_stay_in_order_while_the_provider_is_away(scene: Scene) -> None:
    async with await scene.connect(scene.anna) as a:
        conversation = await scene.open(scene.anna)
        scene.provider.status = 503
        first = await say(a, conversation, "one")
        await marked(a, first, Delivery.SENDING)
        await say(a, conversation, "two")
        await eventually(partial(waits_half_a_minute, scene), True)
        scene.provider.status = 202
        await scene.people.pool.execute(
            "UPDATE sms_conversations SET claimed_until = NULL WHERE domain_id = $1", scene.people.company.domain
        )
        last = await say(a, conversation, "three")
        await marked(a, last, Delivery.SENT)
    assert [sms["text"] for sms in scene.provider.sent] == ["one", "two", "three"]


async def waits_half_a_minute(scene: Scene) -> bool:
    """Whether a gateway is done with the conversation, but for trying again later; before, it holds it for longer."""
    left: timedelta = await scene.people.pool.fetchval(
        "SELECT claimed_until - now() FROM sms_conversations WHERE domain_id = $1", scene.people.company.domain
    )
    return left <= AGAIN


async def test_what_the_provider_never_takes_is_told(scene: Scene) -> None:
    async with await scene.connect(scene.anna) as a:
        conversation = await scene.open(scene.anna)
        scene.provider.status = 422
        seq = await say(a, conversation, "one")
        await marked(a, seq, Delivery.FAILED)
        scene.provider.status = 202
        await marked(a, await say(a, conversation, "two"), Delivery.SENT)


async def test_a_file_cannot_go_out_and_that_is_said_before_anything_is_sent(scene: Scene) -> None:
    conversation = await scene.open(scene.anna)
    async with (
        await scene.connect(scene.anna) as a,
        FileClient.open(scene.gateway.url, await scene.people.token(scene.anna)) as files,
    ):
        response = await files.try_upload(conversation, b"x")
        assert (response.status_code, response.json()["detail"]) == (403, "A text message carries no files")
        uploaded_elsewhere = make_file_id()
        command = SendMessage(conversation=conversation, client_id=uuid4().hex, body="see", files=[uploaded_elsewhere])
        failed = await a.ask(command, Failed)
        assert (failed.code, failed.field) == (ErrorCode.NOT_ALLOWED, "files")
    assert scene.provider.sent == []


async def test_an_export_names_who_is_outside_by_the_number(scene: Scene) -> None:
    conversation = await scene.open(scene.anna)
    await scene.comes_in("Hello")
    text = (await scene.ask("GET", f"/v1/conversations/{conversation}/export?format=text", scene.anna)).text
    assert f"{OUTSIDE}: Hello" in text


async def test_of_several_gateways_each_message_is_sent_by_one(
    scene: Scene, start_gateway: Callable[..., GatewayProcess]
) -> None:
    others = [scene.gateway.another(**scene.gateway.environment) for _ in range(2)]
    async with await scene.connect(scene.anna) as a:
        conversation = await scene.open(scene.anna)
        for number in range(20):
            await say(a, conversation, str(number))
        await scene.until_sent(20)
    assert [sms["text"] for sms in scene.provider.sent] == [str(number) for number in range(20)]
    assert scene.provider.asked == 20
    for each in others:
        each.kill()


async def test_nobody_else_opens_reads_or_is_told(scene: Scene) -> None:
    carol = await scene.people.add("1003")
    async with await scene.connect(carol) as c:
        conversation = await scene.open(scene.anna)
        await scene.comes_in("secret")
        assert (await scene.ask("GET", "/v1/sms/numbers", carol)).json() == {"items": []}
        refused = await scene.ask("POST", "/v1/sms/conversations", carol, to=OUTSIDE)
        assert (refused.status_code, refused.json()["field"]) == (404, "from")
        refused = await scene.ask("POST", "/v1/sms/conversations", carol, **{"to": OUTSIDE, "from": scene.number})
        assert refused.status_code == 404
        assert (await c.refused(GetMessages(conversation=conversation))).code == ErrorCode.NOT_FOUND
        assert (
            await c.refused(SendMessage(conversation=conversation, client_id="12345678", body="x"))
        ).code == ErrorCode.NOT_FOUND
        assert not [each for each in c.messages if isinstance(each, (MessageAdded, ConversationAdded))]
    masked = await token_of_mask(scene.people, scene.anna, operator=await scene.people.add("2000", scope=7))
    assert (await scene.ask("GET", "/v1/sms/numbers", scene.anna, masked)).status_code == 403
    assert (await scene.ask("POST", "/v1/sms/conversations", scene.anna, masked, to=OUTSIDE)).status_code == 403


async def test_a_number_that_changes_hands_takes_its_conversations_along(scene: Scene) -> None:
    carol = await scene.people.add("1003")
    conversation = await scene.open(scene.anna)
    await scene.comes_in("before")
    store = PostgresSmsStore(scene.people.pool)
    await store.share_number(scene.people.company.domain, scene.number, [Extension("1002"), Extension("1003")])
    await scene.comes_in("after")
    async with await scene.connect(scene.anna) as a, await scene.connect(carol) as c:
        assert (await a.refused(GetMessages(conversation=conversation))).code == ErrorCode.NOT_FOUND
        listed = await c.ask(ListConversations(), ConversationsListed)
        assert [(each.conversation, each.unread) for each in listed.conversations] == [(conversation, 1)]


@pytest.mark.parametrize("to", ["hello", "1001", "+41", "javascript:alert(1)"])
async def test_only_a_telephone_number_is_written_to(scene: Scene, to: str) -> None:
    refused = await scene.ask("POST", "/v1/sms/conversations", scene.anna, to=to)
    assert (refused.status_code, refused.json()["field"]) == (422, "to")


async def test_only_the_provider_is_believed(scene: Scene) -> None:
    event = {"type": "message", "id": "x", "from": OUTSIDE, "to": scene.number, "text": "forged"}
    url = scene.gateway.url
    assert (await scene.provider.tells(url, event, secret="guessed")).status_code == 403
    assert (await scene.provider.tells(url, event, at=1_000_000)).status_code == 403
    async with http_client(url) as http:
        assert (await http.post("/v1/sms/events", json=event)).status_code == 403
    assert (await scene.comes_in("x", to="+41449999999")).status_code == 404
    assert (await scene.comes_in("x" * 9_000)).json()["field"] == "text"
    assert (await scene.comes_in("x", **{"from": "not a number"})).json()["field"] == "from"
    for name in ("nonsense", "a/b/c", f"{scene.people.company.domain}/999999/1", "/1/1"):
        assert (await scene.reports(name, "delivered")).status_code in (204, 404)
