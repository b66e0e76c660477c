"""From a message to a notification: over real gateways, to a push service that checks what it gets."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from uuid import uuid4

import httpx2
import msgspec
import pytest

from storage.postgres.pool import connection
from tests.support.client import Client, log_in
from tests.support.files import FileClient
from tests.support.gateway import PASSWORD, GatewayProcess, People
from tests.support.masks import token_of_mask
from tests.support.push_browser import PushBrowser, PushServiceOfAMaker
from tests.support.serving import serving
from wire.commands import MarkRead, OpenConversation, SendMessage, SetDnd
from wire.identity import ConversationId, UserId
from wire.replies import ConversationOpened, Done, MessageSent

SUBSCRIPTION = "/v1/push/subscription"


@dataclass
class Scene:
    people: People
    gateway: GatewayProcess
    maker: PushServiceOfAMaker
    maker_url: str

    def endpoint(self, name: str) -> str:
        return f"{self.maker_url}/push/{name}"

    async def connect(self, user: UserId) -> Client:
        return await self.people.connect(user, self.gateway)

    async def ask(self, method: str, path: str, token: str, **given: object) -> httpx2.Response:
        async with FileClient.open(self.gateway.url, token) as client:
            return await client.http.request(method, path, **given)  # type: ignore[arg-type]

    async def subscribe(self, token: str, browser: PushBrowser, name: str) -> None:
        response = await self.ask("PUT", SUBSCRIPTION, token, json={"endpoint": self.endpoint(name), **browser.keys})
        assert response.status_code == 204, response.text

    async def subscriptions(self) -> int:
        async with connection(self.people.pool) as conn:
            count: int = await conn.fetchval(
                "SELECT count(*) FROM push_subscriptions WHERE domain_id = $1", self.people.company.domain
            )
        return count

    async def until(self, count: int) -> None:
        await self.maker.arrivals.until(lambda: len(self.maker.received) >= count)


@pytest.fixture
async def scene(people: People, start_gateway: Callable[..., GatewayProcess]) -> AsyncIterator[Scene]:
    maker = PushServiceOfAMaker()
    async with serving(maker.application) as url:
        gateway = start_gateway(PRESENCE_PUSH_SERVICES=url, PRESENCE_PUBLIC_URL="https://chat.example")
        yield Scene(people, gateway, maker, url)
        gateway.kill()


async def say(client: Client, conversation: ConversationId, body: str) -> int:
    sent = await client.ask(SendMessage(conversation=conversation, client_id=uuid4().hex, body=body), MessageSent)
    return sent.seq


async def open_with(client: Client, user: UserId) -> ConversationId:
    return (await client.ask(OpenConversation(user=user), ConversationOpened)).conversation.conversation


async def test_who_does_not_look_is_told_in_a_way_that_only_their_browser_reads(scene: Scene) -> None:
    anna = await scene.people.add("1001", first_name="Anna", last_name="Ahorn")
    ben = await scene.people.add("1002")
    await scene.people.pool.execute(
        "UPDATE domains SET language = 'de' WHERE domain_id = $1", scene.people.company.domain
    )
    carol = await scene.people.add("1003", first_name="Carol", last_name="")
    browser = PushBrowser()
    await scene.subscribe(await scene.people.token(ben), browser, "ben")
    called = await scene.ask("PUT", f"/v1/overlays/{anna}", await scene.people.token(ben), json={"first_name": "Annie"})
    assert called.status_code == 200, "and so she is called wherever he reads of her"
    async with await scene.connect(anna) as a, await scene.connect(carol) as c:
        with_anna, with_carol = await open_with(a, ben), await open_with(c, ben)
        async with FileClient.open(scene.gateway.url, await scene.people.token(carol)) as files:
            file = await files.upload(with_carol, b"to read")
        only_a_file = SendMessage(conversation=with_carol, client_id=uuid4().hex, body="", files=[file.file])
        _, seq, _ = await asyncio.gather(
            say(a, with_anna, "first"), say(a, with_anna, "Lunch? 🍜"), c.ask(only_a_file, MessageSent)
        )
        await scene.until(2)
    told = [msgspec.json.decode(browser.read(body)) for _, _, body in scene.maker.received]
    for path, headers, _ in scene.maker.received:
        assert path == "/push/ben"
        assert headers["content-encoding"] == "aes128gcm"
        assert int(headers["ttl"]) > 0
    assert sorted(told, key=lambda each: str(each["title"])) == [
        {"conversation": with_anna, "seq": seq, "title": "Annie Ahorn", "body": "Lunch? 🍜"},
        {"conversation": with_carol, "seq": 1, "title": "Carol", "body": "(1 Datei)"},
    ], "of one conversation the newest, in the language of the company, since none is known of who is told"


async def test_nobody_is_told_who_reads_is_in_dnd_or_is_somebody_else(scene: Scene) -> None:
    anna, ben, carol, dora = [await scene.people.add(f"100{number}") for number in (1, 2, 3, 4)]
    for user, name in ((anna, "anna"), (ben, "ben"), (carol, "carol"), (dora, "dora")):
        await scene.subscribe(await scene.people.token(user), PushBrowser(), name)
    async with await scene.connect(anna) as a, await scene.connect(ben) as b, await scene.connect(carol) as c:
        with_ben, with_carol = await open_with(a, ben), await open_with(a, carol)
        await c.ask(SetDnd(on=True), Done)
        seq = await say(a, with_ben, "read at once")
        await b.ask(MarkRead(conversation=with_ben, seq=seq), Done)
        await say(a, with_carol, "not now")
        await c.ask(SetDnd(on=True), Done)
        await asyncio.gather(say(a, await open_with(a, anna), "a note to myself"))
        # In the same round as the others: by then all of them would have come.
        await say(a, await open_with(a, dora), "this one")
        await scene.until(1)
    assert [path for path, *_ in scene.maker.received] == ["/push/dora"]


async def test_a_browser_that_is_no_more_is_forgotten(scene: Scene) -> None:
    anna, ben = await scene.people.add("1001"), await scene.people.add("1002")
    await scene.subscribe(await scene.people.token(ben), PushBrowser(), "gone")
    scene.maker.status = 410
    async with await scene.connect(anna) as a:
        await say(a, await open_with(a, ben), "hello")
        await scene.until(1)
        async with asyncio.timeout(60):
            while await scene.subscriptions():  # noqa: ASYNC110
                await asyncio.sleep(0.05)


async def test_a_subscription_ends_with_its_login_and_can_be_taken_back(scene: Scene) -> None:
    ben = await scene.people.add("1002")
    first = await scene.people.token(ben)
    second = await log_in(scene.gateway.url, f"1002@{scene.people.company.domain}", PASSWORD)
    await scene.subscribe(first, PushBrowser(), "one")
    await scene.subscribe(second, PushBrowser(), "two")
    assert (await scene.ask("POST", "/v1/logout", second)).status_code == 204
    assert await scene.subscriptions() == 1
    params = {"endpoint": scene.endpoint("one")}
    assert (await scene.ask("DELETE", SUBSCRIPTION, first, params=params)).status_code == 204
    assert await scene.subscriptions() == 0


async def test_the_next_one_at_a_browser_takes_it_over(scene: Scene) -> None:
    anna, ben = await scene.people.add("1001"), await scene.people.add("1002")
    await scene.subscribe(await scene.people.token(anna), PushBrowser(), "shared")
    await scene.subscribe(await scene.people.token(ben), PushBrowser(), "shared")
    assert await scene.subscriptions() == 1


async def test_a_user_has_at_most_ten(scene: Scene) -> None:
    token = await scene.people.token(await scene.people.add("1001"))
    for number in range(12):
        await scene.subscribe(token, PushBrowser(), str(number))
    assert await scene.subscriptions() == 10


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"endpoint": "http://169.254.169.254/latest"}, "endpoint"),
        ({"endpoint": "https://fcm.googleapis.com.evil.example/"}, "endpoint"),
        ({"p256dh": "AAAA"}, "p256dh"),
        ({"p256dh": "%%%"}, "p256dh"),
        ({"auth": "AAAA"}, "auth"),
    ],
)
async def test_what_no_browser_would_give_is_refused(scene: Scene, changes: dict[str, str], field: str) -> None:
    token = await scene.people.token(await scene.people.add("1001"))
    given = {"endpoint": scene.endpoint("x"), **PushBrowser().keys, **changes}
    response = await scene.ask("PUT", SUBSCRIPTION, token, json=given)
    assert (response.status_code, response.json()["field"]) == (422, field)


async def test_a_mask_neither_subscribes_nor_changes_notifications(scene: Scene) -> None:
    anna = await scene.people.add("1001")
    masked = await token_of_mask(scene.people, anna, operator=await scene.people.add("2000", scope=7))
    given = {"endpoint": scene.endpoint("x"), **PushBrowser().keys}
    assert (await scene.ask("PUT", SUBSCRIPTION, masked, json=given)).status_code == 403
    assert (await scene.ask("PATCH", "/v1/notifications", masked, json={"email_minutes": 0})).status_code == 403
    assert (await scene.ask("GET", "/v1/notifications", masked)).status_code == 403
    own = await scene.people.token(anna)
    assert (await scene.ask("PATCH", "/v1/notifications", own, json={"email_minutes": 30})).json() == {
        "email_minutes": 30
    }
    refused = await scene.ask("PATCH", "/v1/notifications", own, json={"email_minutes": 1_441})
    assert (refused.status_code, refused.json()["field"]) == (422, "email_minutes")


async def test_the_key_to_subscribe_with_is_the_same_on_every_gateway(scene: Scene) -> None:
    token = await scene.people.token(await scene.people.add("1001"))
    here = (await scene.ask("GET", "/v1/push/key", token)).json()
    async with FileClient.open(scene.people.gateway.url, token) as client:
        assert (await client.http.get("/v1/push/key")).json() == here
