"""Somebody uses everything, with words that stand nowhere else: no secret of it is in a log at its most talkative, the
user can take all of it along, and after the erasure nothing anywhere holds any of it."""

import base64
import json
import re
import secrets
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import httpx2
import pyotp
import pytest
from msgspec import Struct
from redis.asyncio import Redis

from storage.embedded import EmbeddedServers
from storage.postgres.pool import Pool, connection, transaction
from tests.support.client import Client, log_in
from tests.support.gateway import PASSWORD, GatewayProcess, People
from tests.support.http import http_client
from tests.support.operator import Operator
from tests.support.pictures import picture
from wire.commands import CreateGroup, EditMessage, OpenConversation, RegisterDevice, SendMessage, SetDnd, SetStatus
from wire.identity import ConversationId, FileId, Scope, UserId
from wire.replies import ConversationOpened, DeviceRegistered, Done, MessageSent

MOST_LOGGED = 100_000


def word(stem: str) -> str:
    """One that stands nowhere else, in letters, so that it is searched, sorted and stemmed like any other."""
    return stem + "".join("ghijklmnopqrstuv"[int(digit, 16)] for digit in secrets.token_hex(5))


class Words(Struct):
    """`told`: what the user wrote, by what it is. `secret`: what nobody but the user may know."""

    told: dict[str, str]
    secret: dict[str, str]

    def new(self, what: str) -> str:
        self.told[what] = word("w")
        return self.told[what]


class Scene(Struct):
    people: People
    gateway: GatewayProcess
    files: Path
    http: httpx2.AsyncClient
    user: UserId
    coworker: UserId
    words: Words

    async def ask(self, method: str, path: str, **given: object) -> httpx2.Response:
        response = await self.http.request(method, path, **given)  # type: ignore[arg-type]
        assert response.status_code < 300, (path, response.text)
        return response


@pytest.fixture
async def scene(
    people: People, start_gateway: Callable[..., GatewayProcess], data_folder: Path
) -> AsyncIterator[Scene]:
    gateway = start_gateway(
        LOG_LEVEL="debug",
        PRESENCE_FILES_URL=data_folder.as_uri(),
        PRESENCE_SEALING_KEYS=base64.b64encode(secrets.token_bytes(32)).decode(),
        PRESENCE_PUSH_SERVICES="http://127.0.0.1:1",
    )
    gateway.log = deque(gateway.log, MOST_LOGGED)
    user = await people.add("1001", scope=Scope.OFFICE_MANAGER)
    coworker = await people.add("1002")
    words = Words({}, {})
    login = f"1001@{people.company.domain}"
    words.secret["password"] = f"Pw-{secrets.token_hex(8)}-X1"
    async with http_client(gateway.url) as http:
        http.headers["Authorization"] = f"Bearer {await log_in(gateway.url, login, PASSWORD)}"
        change = {"current": PASSWORD, "password": words.secret["password"]}
        assert (await http.put("/v1/password", json=change)).status_code == 204
        words.secret["token"] = await log_in(gateway.url, login, words.secret["password"])
        http.headers["Authorization"] = f"Bearer {words.secret['token']}"
        yield Scene(people, gateway, data_folder, http, user, coworker, words)


async def use_profile(scene: Scene) -> None:
    words = scene.words
    words.secret["pin"] = str(secrets.randbelow(10**8)).zfill(8)
    words.told["address"] = f"{word('e')}@mail.test"
    profile = {
        "first_name": words.new("first name"),
        "last_name": words.new("last name"),
        "department": words.new("department"),
        "job_title": words.new("job title"),
        "emails": [words.told["address"]],
        "pin": words.secret["pin"],
    }
    await scene.ask("PATCH", "/v1/profile", json=profile)
    await scene.ask("PUT", "/v1/profile/photo", content=picture(), headers={"Content-Type": "image/png"})
    key = await scene.ask("POST", "/v1/api-keys", json={"name": words.new("key"), "scopes": ["presence.read"]})
    words.secret["key"] = key.json()["token"]
    words.secret["ticket"] = (await scene.ask("POST", "/v1/tickets")).json()["ticket"]
    subscription = {"endpoint": f"http://127.0.0.1:1/{words.new('endpoint')}", "p256dh": "B" * 87, "auth": "A" * 22}
    await scene.http.put("/v1/push/subscription", json=subscription)


async def use_contacts(scene: Scene) -> None:
    words = scene.words
    fields = {
        "first_name": words.new("contact"),
        "notes": words.new("note"),
        "tags": [words.new("tag")],
        "numbers": [{"label": "work", "number": "+12125550142"}],
    }
    contact = (await scene.ask("POST", "/v1/contacts", json=fields)).json()["contact"]
    await scene.ask("PUT", f"/v1/favourites/contact/{contact}")
    await scene.ask("PUT", f"/v1/favourites/coworker/{scene.coworker}")
    await scene.ask("PUT", f"/v1/overlays/{scene.coworker}", json={"notes": words.new("overlay")})
    card = f"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:{words.new('imported')}\r\nTEL:1\r\nEND:VCARD\r\n"
    await scene.ask("POST", f"/v1/contacts/imports?name={words.new('file of contacts')}.vcf", content=card.encode())


async def use_second_factor(scene: Scene) -> None:
    shown = (
        await scene.ask("POST", "/v1/second-factor/totp", json={"password": scene.words.secret["password"]})
    ).json()
    scene.words.secret["authenticator"] = secret = shown["secret"]
    codes = await scene.ask("POST", "/v1/second-factor/totp/confirm", json={"code": pyotp.TOTP(secret).now()})
    scene.words.secret |= {f"recovery code {at}": code for at, code in enumerate(codes.json()["codes"])}


async def use_chat(scene: Scene) -> None:
    words = scene.words
    login = f"1002@{scene.people.company.domain}"
    other = await Client.open(scene.gateway.url, await log_in(scene.gateway.url, login, PASSWORD))
    async with other, await Client.open(scene.gateway.url, words.secret["token"]) as client:
        await client.ask(SetStatus(message=words.new("status")), Done)
        await client.ask(SetDnd(on=True), Done)
        await client.ask(RegisterDevice(device=words.new("device"), label=words.new("phone")), DeviceRegistered)
        opened = await client.ask(OpenConversation(user=scene.coworker), ConversationOpened)
        conversation = opened.conversation.conversation
        sent = await say(client, conversation, words.new("message"))
        await client.ask(EditMessage(conversation=conversation, seq=sent, body=words.new("edited message")), Done)
        file = await upload(scene, conversation, words.new("file name"), words.new("file"))
        await say(client, conversation, words.new("message with a file"), file)
        await upload(scene, conversation, words.new("unsent file name"), words.new("unsent file"))
        group = CreateGroup(client_id=uuid4().hex, name="a group", users=[scene.coworker])
        await client.ask(group, ConversationOpened)


async def say(client: Client, conversation: ConversationId, body: str, *files: FileId) -> int:
    command = SendMessage(conversation=conversation, client_id=uuid4().hex, body=body, files=[*files])
    return (await client.ask(command, MessageSent)).seq


async def upload(scene: Scene, conversation: ConversationId, name: str, text: str) -> FileId:
    path = f"/v1/conversations/{conversation}/files?name={name}.txt"
    file: str = (await scene.ask("POST", path, content=text.encode())).json()["file"]
    return FileId(file)


# ---------------------------------------------------------------- where it could be


async def kept_anywhere(scene: Scene, pool: Pool, redis: Redis) -> Iterator[tuple[str, str]]:
    """Every row, value and file, as text, with where it is."""
    kept: list[tuple[str, str]] = []
    async with transaction(pool) as conn:
        await conn.execute("SET LOCAL statement_timeout = 0")  # other tests leave tables of half a million rows
        tables = await conn.fetch(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        )
        for table in tables:
            name = table["relname"]
            rows = await conn.fetch(f'SELECT t::text AS row FROM "{name}" t', timeout=120)  # noqa: S608 - a name of ours
            kept += [(f"table {name}", row["row"]) for row in rows]
    async for key in redis.scan_iter(count=1_000):
        kept.append(("a key of Redis", key.decode(errors="replace")))
        kept.append((f"Redis {key.decode(errors='replace')}", await value_of(redis, key)))
    for path in scene.files.rglob("*"):
        kept.append(("a path", str(path)))
        with suppress(FileNotFoundError, IsADirectoryError):  # a gateway may just delete it
            kept.append((f"file {path}", path.read_bytes().decode("latin-1")))
    return iter(kept)


async def value_of(redis: Redis, key: bytes) -> str:
    match await redis.type(key):
        case b"string":
            value: object = await redis.get(key)
        case b"hash":
            value = await redis.hgetall(key)
        case b"list":
            value = await redis.lrange(key, 0, -1)
        case b"set":
            value = await redis.smembers(key)
        case b"zset":
            value = await redis.zrange(key, 0, -1)
        case b"stream":
            value = await redis.xrange(key)
        case b"none":
            return ""  # gone meanwhile: other tests use this server too
        case other:
            raise AssertionError(other)
    return repr(value)


async def files_to_be_deleted(pool: Pool) -> set[str]:
    """Of which gateways delete the bytes within some minutes (tests/chat/files/test_sweep.py)."""
    async with connection(pool) as conn:
        return {row["file_id"] for row in await conn.fetch("SELECT file_id FROM gone_files")}


def found(words: dict[str, str], kept: Iterator[tuple[str, str]]) -> list[tuple[str, str]]:
    """What is still there, and where. Searching and sorting know no upper case."""
    lowered = {what: each.lower() for what, each in words.items()}
    return sorted(
        {(what, where) for where, text in kept for what, each in lowered.items() if is_in(each, text.lower())}
    )


def is_in(word: str, text: str) -> bool:
    """Digits only by themselves: within the hashes and numbers of a whole run of tests there are some of any kind."""
    if word not in text:
        return False
    return not word.isdigit() or re.search(rf"(?<![0-9a-z]){word}(?![0-9a-z])", text) is not None


async def test_no_secret_is_logged_and_nothing_is_left_after_an_erasure(
    scene: Scene, pool: Pool, redis: Redis, servers: EmbeddedServers, database_url: str
) -> None:
    await use_profile(scene)
    await use_contacts(scene)
    await use_second_factor(scene)
    await use_chat(scene)

    entries = list(scene.gateway.log)  # at once: it grows meanwhile
    logged = [("the log", json.dumps(entry)) for entry in entries]
    assert any(entry.get("level") == "debug" for entry in entries)
    assert found(scene.words.secret | scene.words.told, iter(logged)) == []

    assert found(scene.words.secret, await kept_anywhere(scene, pool, redis)) == [], "secrets are hashed or sealed"
    before = {what for what, _ in found(scene.words.told, await kept_anywhere(scene, pool, redis))}
    assert before >= scene.words.told.keys() - {"endpoint", "message"}, "else what follows would prove nothing"

    operator = Operator(database_url, servers.redis_url, "user")
    taken = await operator.types("take-out", scene.people.company.domain, "1001")
    assert taken.exit_code == 0, taken.output
    assert {json.loads(line)["what"] for line in taken.stdout.splitlines()} >= {"profile", "contact", "message", "file"}
    whole = [("taken out", taken.stdout)]
    assert found(scene.words.secret, iter(whole)) == []
    # Files are named in it, not contained; and what a device has said goes when the device does.
    not_in_it = {"file", "unsent file", "device", "phone"}
    assert {what for what, _ in found(scene.words.told, iter(whole))} == before - not_in_it
    erased = await operator.types("erase", scene.people.company.domain, "1001", "--yes", "--messages")
    assert erased.exit_code == 0, erased.output
    left = found(scene.words.told, await kept_anywhere(scene, pool, redis))
    waiting = await files_to_be_deleted(pool)
    assert [each for each in left if not each[1].startswith("file ") or Path(each[1]).name not in waiting] == []
