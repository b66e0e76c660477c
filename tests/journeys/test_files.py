"""Files of conversations over real HTTP and sockets: what arrives, who may read it, what an attacker gets."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from urllib.parse import urlsplit
from uuid import uuid4

import httpx2
import pytest

from storage.postgres.pool import connection
from tests.support.client import Client
from tests.support.files import FileClient
from tests.support.gateway import GatewayProcess, People
from tests.support.masks import token_of_mask
from tests.support.pictures import photograph, pixel_bomb, zip_bomb
from wire.commands import GetMessages, OpenConversation, SendMessage
from wire.errors import ErrorCode
from wire.events import MessageAdded
from wire.identity import ConversationId, FileId, UserId
from wire.limits import LIMITS
from wire.records import File
from wire.replies import ConversationOpened, MessageSent, MessagesListed

_THE_MEMBER = "WHERE domain_id = $1 AND conversation_id = $2 AND user_id = $3"
_JOINED_LATER = f"UPDATE conversation_members SET joined_seq = 1 {_THE_MEMBER}"  # noqa: S608
_LEFT = f"UPDATE conversation_members SET left_at = now() {_THE_MEMBER}"  # noqa: S608
ROUTES = ("", "/preview", "/preview?size=large")


@dataclass
class Talk:
    """Anna and Ben have a conversation; Carol is in the same domain. Each has a socket and a client for files."""

    conversation: ConversationId
    users: dict[str, UserId]
    sockets: dict[str, Client]
    files: dict[str, FileClient]

    async def send(self, who: str, *files: File, body: str = "", client_id: str | None = None) -> MessageSent:
        return await self.sockets[who].ask(self.message(*files, body=body, client_id=client_id), MessageSent)

    def message(self, *files: File, body: str = "", client_id: str | None = None) -> SendMessage:
        return SendMessage(
            conversation=self.conversation,
            client_id=client_id or uuid4().hex,
            body=body,
            files=[each.file for each in files],
        )


@pytest.fixture
async def talk(people: People, start_gateway: Callable[..., GatewayProcess]) -> AsyncIterator[Talk]:
    users = {name: await people.add(f"100{at}") for at, name in enumerate(("anna", "ben", "carol"), 1)}
    async with AsyncExitStack() as stack:
        sockets = {name: await stack.enter_async_context(await people.connect(user)) for name, user in users.items()}
        files = {
            name: await stack.enter_async_context(FileClient.open(people.gateway.url, await people.token(user)))
            for name, user in users.items()
        }
        opened = await sockets["anna"].ask(OpenConversation(user=users["ben"]), ConversationOpened)
        yield Talk(opened.conversation.conversation, users, sockets, files)


async def rows(people: People, table: str = "files") -> int:
    async with connection(people.pool) as conn:
        count: int = await conn.fetchval(
            f"SELECT count(*) FROM {table} WHERE domain_id = $1",  # noqa: S608
            people.company.domain,
        )
        return count


# ------------------------------------------------------------ what arrives


async def test_a_file_arrives_with_its_message_as_it_was(talk: Talk) -> None:
    content = bytes(range(256)) * 40_000
    file = await talk.files["anna"].upload(talk.conversation, content, "Ünïcode report.pdf")
    assert (file.name, file.media_type, file.size) == ("Ünïcode report.pdf", "application/pdf", len(content))
    sent = await talk.send("anna", file, body="see page 3")
    assert sent.files == [file]
    told = await talk.sockets["ben"].receives(MessageAdded)
    assert (told.message.body, told.message.files) == ("see page 3", [file])
    read = await talk.files["ben"].get(file.file)
    assert (read.status_code, read.content == content) == (200, True), read.headers
    assert read.headers["content-length"] == str(len(content))
    listed = await talk.sockets["ben"].ask(GetMessages(conversation=talk.conversation), MessagesListed)
    assert listed.messages[-1].files == [file]


async def test_a_picture_comes_with_its_size_and_previews(talk: Talk) -> None:
    file = await talk.files["anna"].upload(talk.conversation, photograph((400, 300), 6), "IMG_1.jpg")
    assert (file.width, file.height, file.media_type) == (300, 400, "image/jpeg")
    await talk.send("anna", file)
    preview = await talk.files["ben"].get(file.file, "/preview")
    assert preview.headers["content-type"] == "image/webp"
    assert b"SecretCamera" not in preview.content
    again = await talk.files["ben"].get(file.file, "/preview", **{"If-None-Match": preview.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_a_message_with_files_is_made_once(talk: Talk) -> None:
    file = await talk.files["anna"].upload(talk.conversation, b"x")
    name = uuid4().hex
    first = await talk.send("anna", file, client_id=name)
    again = await talk.send("anna", file, client_id=name)
    assert (again.seq, again.files, again.duplicate) == (first.seq, first.files, True)
    at_once = await talk.files["anna"].upload(talk.conversation, b"x")
    name = uuid4().hex
    both = await asyncio.gather(*(talk.send("anna", at_once, client_id=name) for _ in range(5)))
    assert {each.seq for each in both} == {first.seq + 1}
    assert all(each.files == [at_once] for each in both)


async def test_a_file_is_sent_once_and_by_its_uploader_only(talk: Talk) -> None:
    file = await talk.files["anna"].upload(talk.conversation, b"x")
    mine = await talk.files["anna"].upload(talk.conversation, b"y")
    refused = await talk.sockets["ben"].refused(talk.message(file))
    assert (refused.code, refused.field) == (ErrorCode.NOT_FOUND, "files")
    assert (await talk.send("anna", file)).seq == 1
    refused = await talk.sockets["anna"].refused(talk.message(mine, file))
    assert (refused.code, refused.field) == (ErrorCode.NOT_FOUND, "files")
    assert (await talk.send("anna", mine)).seq == 2, "a refused message has taken neither a number nor a file"


async def test_a_file_of_one_conversation_cannot_be_sent_in_another(talk: Talk) -> None:
    other = await talk.sockets["anna"].ask(OpenConversation(user=talk.users["carol"]), ConversationOpened)
    file = await talk.files["anna"].upload(other.conversation.conversation, b"x")
    assert (await talk.sockets["anna"].refused(talk.message(file))).code == ErrorCode.NOT_FOUND


async def test_a_message_needs_words_or_files(talk: Talk) -> None:
    refused = await talk.sockets["anna"].refused(talk.message(body=" \u200b "))
    assert (refused.code, refused.field) == (ErrorCode.INVALID, "body")


async def test_what_was_not_sent_can_be_taken_back(talk: Talk, people: People) -> None:
    file = await talk.files["anna"].upload(talk.conversation, b"x")
    assert (await talk.files["ben"].discard(file.file)).status_code == 404
    assert (await talk.files["anna"].discard(file.file)).status_code == 204
    assert (await talk.files["anna"].get(file.file)).status_code == 404
    assert (await rows(people), await rows(people, "gone_files")) == (0, 0)
    sent = await talk.files["anna"].upload(talk.conversation, b"x")
    await talk.send("anna", sent)
    assert (await talk.files["anna"].discard(sent.file)).status_code == 404


# ------------------------------------------------------------ who may read it


async def test_nobody_reads_a_file_of_a_conversation_that_they_are_not_in(talk: Talk, people: People) -> None:
    stranger = People(people.pool, await type(people.company).make(people.pool), people.gateway, people.password_hash)
    foreigner = await stranger.add("1001")
    file = await talk.files["anna"].upload(talk.conversation, photograph())
    outsiders = [talk.files["carol"]]
    async with AsyncExitStack() as stack:
        token = await stranger.token(foreigner)
        outsiders.append(await stack.enter_async_context(FileClient.open(people.gateway.url, token)))
        for route in ROUTES:
            assert (await talk.files["ben"].get(file.file, route)).status_code == 404, "not sent yet"
        await talk.send("anna", file)
        for route in ROUTES:
            assert (await talk.files["ben"].get(file.file, route)).status_code == 200
            for outsider in outsiders:
                there, nowhere = await outsider.get(file.file, route), await outsider.get(FileId("x" * 22), route)
                assert (there.status_code, there.json()["detail"]) == (404, nowhere.json()["detail"])
            bare = await talk.files["carol"].http.get(f"/v1/files/{file.file}{route}", headers={"Authorization": ""})
            assert bare.status_code == 401
        for outsider in outsiders:
            assert (await outsider.discard(file.file)).status_code == 404
            assert (await outsider.try_upload(talk.conversation, b"x")).status_code == 404
    assert not [each for each in talk.sockets["carol"].messages if isinstance(each, MessageAdded)]


async def test_a_masked_operator_reads_and_uploads_nothing(talk: Talk, people: People) -> None:
    file = await talk.files["anna"].upload(talk.conversation, photograph())
    await talk.send("anna", file)
    token = await token_of_mask(people, talk.users["anna"], operator=await people.add("2000", scope=7))
    async with FileClient.open(people.gateway.url, token) as masked:
        for route in ROUTES:
            assert (await masked.get(file.file, route)).status_code == 403
        assert (await masked.try_upload(talk.conversation, b"x")).status_code == 403
        assert (await masked.discard(file.file)).status_code == 403


async def test_who_leaves_reads_nothing_any_more_and_who_joins_nothing_from_before(talk: Talk, people: People) -> None:
    domain, ben = people.company.domain, talk.users["ben"]
    file = await talk.files["anna"].upload(talk.conversation, b"before")
    await talk.send("anna", file)
    async with connection(people.pool) as conn:
        await conn.execute(_JOINED_LATER, domain, talk.conversation, ben)
    later = await talk.files["anna"].upload(talk.conversation, b"after")
    await talk.send("anna", later)
    assert (await talk.files["ben"].get(file.file)).status_code == 404
    assert (await talk.files["ben"].get(later.file)).content == b"after"
    async with connection(people.pool) as conn:
        await conn.execute(_LEFT, domain, talk.conversation, ben)
    assert (await talk.files["ben"].get(later.file)).status_code == 404


# ------------------------------------------------------------ attacks


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("page.html", b"<script>alert(document.cookie)</script>"),
        ("picture.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
        ("picture.png", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
        ("feed.xml", b"<?xml version='1.0'?><x:script xmlns:x='http://www.w3.org/1999/xhtml'>alert(1)</x:script>"),
        ("polyglot.gif", b"GIF89a/*" + b"\0" * 20 + b"*/=1;alert(1)"),
        ("x.txt", b"<html>"),
    ],
)
async def test_what_a_browser_might_carry_out_is_only_ever_saved(talk: Talk, name: str, content: bytes) -> None:
    response = await talk.files["anna"].try_upload(talk.conversation, content, name, **{"Content-Type": "text/html"})
    file = FileId(response.json()["file"])
    got = await talk.files["anna"].get(file)
    assert got.content == content
    assert not got.headers["content-type"].startswith(("text/html", "image/svg", "application/x", "text/xml"))
    assert got.headers["content-disposition"].startswith("attachment;")
    assert got.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in got.headers["content-security-policy"]
    assert "default-src 'none'" in got.headers["content-security-policy"]
    assert (await talk.files["anna"].get(file, "/preview")).status_code == 404


@pytest.mark.parametrize(
    "name", ["../../../etc/passwd", "..\\..\\boot.ini", "/etc/passwd", "a\u202egnp.txt", "x\r\nX: y"]
)
async def test_a_name_with_tricks_is_a_plain_one_afterwards(talk: Talk, name: str) -> None:
    file = await talk.files["anna"].upload(talk.conversation, b"x", name)
    assert not set(file.name) & set("/\\\u202e\r\n")
    assert "X" not in (await talk.files["anna"].get(file.file)).headers


@pytest.mark.parametrize(("name", "content"), [("setup.exe", b"x"), ("holiday.jpg", b"MZ\x90\x00" + b"\0" * 1_000)])
async def test_programs_are_refused(talk: Talk, people: People, name: str, content: bytes) -> None:
    response = await talk.files["anna"].try_upload(talk.conversation, content, name)
    assert (response.status_code, response.json()["field"]) == (422, "name")
    assert (await rows(people), await rows(people, "gone_files")) == (0, 0)


async def test_bombs_stay_what_they_are_and_hold_nobody_up(talk: Talk) -> None:
    pixels = await talk.files["anna"].upload(talk.conversation, pixel_bomb(), "big.png")
    assert (pixels.width, pixels.height) == (0, 0)
    archive = await talk.files["anna"].upload(talk.conversation, zip_bomb(), "zeros.zip")
    assert archive.size < 1_000_000
    assert (await talk.files["anna"].get(archive.file)).headers["content-length"] == str(archive.size)


async def test_a_file_that_is_too_large_is_refused_however_it_is_sent(talk: Talk, people: People) -> None:
    large = b"\0" * (LIMITS.file_bytes + 1)
    declared = await talk.files["anna"].try_upload(talk.conversation, large)
    assert (declared.status_code, declared.json()["code"]) == (413, "too_large")

    async def undeclared() -> AsyncIterator[bytes]:
        for at in range(0, len(large), 1_000_000):
            yield large[at : at + 1_000_000]

    streamed = await talk.files["anna"].try_upload(talk.conversation, undeclared())
    assert (streamed.status_code, streamed.json()["code"]) == (413, "too_large")
    exact = await talk.files["anna"].upload(talk.conversation, large[1:])
    assert exact.size == LIMITS.file_bytes
    assert await rows(people) == 1
    assert await rows(people, "gone_files") == 0


async def test_an_empty_file_is_refused(talk: Talk, people: People) -> None:
    response = await talk.files["anna"].try_upload(talk.conversation, b"")
    assert (response.status_code, response.json()["field"]) == (422, "file")
    assert await rows(people) == 0


@pytest.mark.parametrize("name", ["", "x" * 1_025])
async def test_a_file_needs_a_name_of_reasonable_length(talk: Talk, name: str) -> None:
    response = await talk.files["anna"].try_upload(talk.conversation, b"x", name)
    assert (response.status_code, response.json()["field"]) == (422, "name")


async def test_an_upload_that_is_cut_off_leaves_nothing(talk: Talk, people: People) -> None:
    gateway = people.gateway
    token = talk.files["anna"].http.headers["authorization"]
    address = urlsplit(gateway.url)
    for sent in (0, 10, 3_000_000):
        with socket.create_connection((address.hostname, address.port)) as wire:
            head = (
                f"POST /v1/conversations/{talk.conversation}/files?name=half.bin HTTP/1.1\r\nHost: x\r\n"
                f"Authorization: {token}\r\nContent-Length: 5000000\r\n\r\n"
            )
            wire.sendall(head.encode() + b"\0" * sent)
            await until_rows(people, 1)
        await until_rows(people, 0)
        await until_rows(people, 0, "gone_files")
    assert (await talk.files["anna"].upload(talk.conversation, b"x")).size == 1


async def until_rows(people: People, wanted: int, table: str = "files") -> None:
    async with asyncio.timeout(60):
        while await rows(people, table) != wanted:  # noqa: ASYNC110 - it happens in another process
            await asyncio.sleep(0.01)


async def test_thousands_of_tiny_uploads_at_once_are_limited_and_others_do_not_suffer(
    talk: Talk, people: People
) -> None:
    limits = httpx2.Limits(max_connections=100)
    headers = {"Authorization": f"Bearer {await people.token(talk.users['anna'])}"}
    path = f"/v1/conversations/{talk.conversation}/files?name=tiny.txt"

    is_over = False

    async def attacker(http: httpx2.AsyncClient) -> list[httpx2.Response]:
        answers: list[httpx2.Response] = []
        while len(answers) < 20 or not is_over:
            answers.append(await http.post(path, content=b"x"))
        return answers

    async with httpx2.AsyncClient(base_url=people.gateway.url, headers=headers, limits=limits, timeout=180) as http:
        flood = [asyncio.create_task(attacker(http)) for _ in range(100)]
        for _ in range(20):
            await talk.send("ben", body="still here")
        is_over = True  # all of it was answered in the midst of the flood
        answers = [answer for each in await asyncio.gather(*flood) for answer in each]
    kept = [each for each in answers if each.status_code == 201]
    refused = [each for each in answers if each.status_code == 429]
    assert len(kept) + len(refused) == len(answers) >= 2_000
    assert 0 < len(kept) <= LIMITS.file_unsent + LIMITS.file_uploads
    assert all(each.json()["retry_after"] > 0 for each in refused)
    assert await rows(people) == len(kept)
