"""From a message that nobody reads to a mail in a real mailbox; and the local page where there is no such server."""

import asyncio
from collections.abc import AsyncIterator, Callable
from email.message import EmailMessage

import pytest

from storage.embedded import EmbeddedServers
from storage.postgres.pool import connection, open_pool
from storage.redis import keys
from storage.redis.client import make_client
from tests.support.client import Client
from tests.support.company import Company
from tests.support.gateway import GatewayProcess, People
from tests.support.http import http_client
from tests.support.smtp import Mailbox, mailbox
from wire.commands import OpenConversation, SendMessage
from wire.identity import UserId
from wire.replies import ConversationOpened, MessageSent

_EARLIER = "UPDATE messages SET sent_at = sent_at - interval '20 minutes' WHERE domain_id = $1"


async def say(client: Client, to: UserId, body: str) -> None:
    opened = await client.ask(OpenConversation(user=to), ConversationOpened)
    conversation = opened.conversation.conversation
    await client.ask(SendMessage(conversation=conversation, client_id="12345678", body=body), MessageSent)


async def arrived(box: Mailbox, to: str) -> str:
    def found() -> list[EmailMessage]:
        return [mail for mail in box.received if mail["to"] == to]

    await box.arrivals.until(found, within=50)
    (mail,) = found()
    text = mail.get_body(("plain",))
    assert text is not None
    return str(text.get_content())


@pytest.fixture
async def own(clean_servers: Callable[[], EmbeddedServers], password_hash: str) -> AsyncIterator[People]:
    """A company on servers of its own: the gateways of other tests would send the digests, too."""
    servers = clean_servers()
    gateway = GatewayProcess(servers.database_url, servers.redis_url)
    pool = await open_pool(servers.database_url)
    yield People(pool, await Company.make(pool), gateway, password_hash)
    gateway.kill()
    await pool.close()


@pytest.fixture
async def start(clean_servers: Callable[[], EmbeddedServers]) -> AsyncIterator[Callable[..., GatewayProcess]]:
    started: list[GatewayProcess] = []

    def start_one(servers_of: People, **environment: str) -> GatewayProcess:
        started.append(servers_of.gateway.another(**environment))
        return started[-1]

    yield start_one
    for each in started:
        each.kill()


async def test_an_unread_message_arrives_in_the_mailbox_once(own: People, start: Callable[..., GatewayProcess]) -> None:
    async with mailbox() as box:
        address = f"ben@{own.company.domain}"
        anna, ben = await own.add("1001", first_name="Anna"), await own.add("1002", emails=[address])
        async with await own.connect(anna) as socket:
            await say(socket, ben, "Lunch?")
        own.gateway.kill()
        async with connection(own.pool) as conn:
            await conn.execute(_EARLIER, own.company.domain)
        await forget_lease(own)
        environment = {"SMTP_URL": box.url, "PRESENCE_PUBLIC_URL": "https://chat.example"}
        gateways = [start(own, **environment) for _ in range(2)]
        text = await arrived(box, address)
        assert "Lunch?" in text
        assert "https://chat.example/app/chats/" in text
        for gateway in gateways:
            async with http_client(gateway.url) as http:
                assert (await http.get("/mails")).status_code == 404
        assert len(box.received) == 1


async def test_what_is_kept_instead_of_sent_is_shown_and_can_do_nothing(
    own: People, start: Callable[..., GatewayProcess]
) -> None:
    anna, ben = await own.add("1001", first_name="<b>Anna</b>"), await own.add("1002", emails=["ben@example.test"])
    async with await own.connect(anna) as socket:
        await say(socket, ben, "<script>alert(1)</script>")
    async with connection(own.pool) as conn:
        await conn.execute(_EARLIER, own.company.domain)
    await forget_lease(own)
    gateway = start(own)
    async with http_client(gateway.url) as http, asyncio.timeout(60):
        while "ben@example.test" not in (page := await http.get("/mails")).text:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
        assert "<script>" not in page.text
        number = page.text.partition('href="/mails/')[2].partition('"')[0]
        mail = await http.get(f"/mails/{number}")
        assert "sandbox" in mail.headers["content-security-policy"]
        assert "<script>" not in mail.text


async def forget_lease(own: People) -> None:
    """As if its time were over."""
    client = make_client(own.gateway.redis_url)
    await client.delete(keys.job("digests"))
    await client.aclose()


async def test_without_a_server_for_mail_it_is_shown_to_this_machine(people: People) -> None:
    async with http_client(people.gateway.url) as http:
        page = await http.get("/mails")
        assert page.status_code == 200
        assert "Kept mails" in page.text
        assert (await http.get("/mails", headers={"Host": "evil.example"})).status_code == 403
        assert (await http.get("/mails/1")).status_code == 404
