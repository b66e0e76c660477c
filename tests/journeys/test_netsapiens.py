"""A NetSapiens over real HTTP, the adapter as a process of its own, and colours at a real gateway."""

from collections.abc import AsyncIterator

import pytest

from tests.support.adapter import AdapterProcess, make_source, running_adapter, take_commands
from tests.support.gateway import People
from tests.support.http import http_client
from tests.support.netsapiens import KEY, FakeNetSapiens, fake_netsapiens
from tests.support.ports import free_port
from wire.commands import SetDnd
from wire.identity import UserId
from wire.records import Calls, Colour, Reason
from wire.replies import Done

HOOK = "aSecretInThePath"


@pytest.fixture
async def office(people: People) -> list[UserId]:
    return [await people.add(extension) for extension in ("1001", "1002", "1003")]


@pytest.fixture
async def netsapiens(people: People) -> AsyncIterator[FakeNetSapiens]:
    async with fake_netsapiens(people.company.domain) as server:
        yield server


def options(people: People, netsapiens: FakeNetSapiens, *more: str) -> list[str]:
    return ["netsapiens", "--url", netsapiens.url, "--domain", people.company.domain, "--list-seconds", "1", *more]


async def environment(people: People) -> dict[str, str]:
    return {
        **await make_source(people),
        "NETSAPIENS_API_KEY": KEY,
        "NETSAPIENS_WEBHOOK_SECRET": HOOK,
        "ADAPTER_COMMAND_TOKEN": "command",
    }


@pytest.fixture
async def adapter(people: People, office: list[UserId], netsapiens: FakeNetSapiens) -> AsyncIterator[AdapterProcess]:
    """Told of calls as they happen; asked for them so rarely that it does not show."""
    port = free_port()
    door = ("--listen", f"127.0.0.1:{port}", "--webhook-url", f"http://127.0.0.1:{port}", "--call-seconds", "600")
    arguments = options(people, netsapiens, *door)
    async with running_adapter([*arguments, "--list-seconds", "600"], await environment(people)) as running:
        yield running


@pytest.mark.parametrize("lists_devices_of_domain", [True, False], ids=["version 45", "version 44"])
async def test_phones_are_seen_by_asking_and_those_that_count_for_nobody_are_not(
    people: People, office: list[UserId], netsapiens: FakeNetSapiens, lists_devices_of_domain: bool
) -> None:
    anna, ben, carol = office
    netsapiens.lists_devices_of_domain = lists_devices_of_domain
    netsapiens.register("1001", "1001m")
    fax = netsapiens.register("1002")
    netsapiens.devices[fax]["device-sip-registration-ignore-for-presence-calculation"] = "yes"
    async with (
        running_adapter(options(people, netsapiens, "--no-dnd"), await environment(people)),
        await people.connect(carol) as watcher,
    ):
        await watcher.sees(anna, colour=Colour.GREEN)
        netsapiens.unregister("1001m")
        netsapiens.register("1003")
        await watcher.sees(anna, colour=Colour.OFFLINE)
        await watcher.sees(carol, phone=True)
        assert watcher.seen(ben).colour is Colour.OFFLINE


async def test_a_call_is_seen_as_it_is_posted(
    people: People, office: list[UserId], netsapiens: FakeNetSapiens, adapter: AdapterProcess
) -> None:
    anna, ben, carol = office
    async with await people.connect(carol) as watcher:
        call = await netsapiens.ring("1001", "1002")
        await watcher.sees(anna, colour=Colour.RED, reason=Reason.ON_THE_PHONE)
        await watcher.sees(ben, calls=Calls.RINGING)
        await netsapiens.answer(call)
        await watcher.sees(ben, colour=Colour.RED, calls=Calls.BUSY)
        await netsapiens.hang_up(call)
        await watcher.sees(ben, colour=Colour.OFFLINE, calls=Calls.NONE)
        await watcher.sees(anna, calls=Calls.NONE)
    assert {each["model"] for each in netsapiens.subscriptions} == {"call", "subscriber"}


async def test_of_a_group_that_rings_only_who_answers_is_busy_and_the_caller_stays_so(
    people: People, office: list[UserId], netsapiens: FakeNetSapiens, adapter: AdapterProcess
) -> None:
    anna, ben, carol = office
    async with await people.connect(carol) as watcher:
        first = await netsapiens.ring("1003", "1001")
        second = await netsapiens.ring("1003", "1002", first["call-orig-call-id"])
        await watcher.sees(anna, calls=Calls.RINGING)
        await watcher.sees(ben, calls=Calls.RINGING)
        await netsapiens.answer(second)
        await netsapiens.hang_up(first)
        await watcher.sees(ben, colour=Colour.RED)
        await watcher.sees(anna, calls=Calls.NONE)
        assert watcher.seen(carol).colour is Colour.RED


async def test_without_posts_calls_are_seen_by_asking(
    people: People, office: list[UserId], netsapiens: FakeNetSapiens
) -> None:
    anna, _, carol = office
    arguments = options(people, netsapiens, "--no-dnd", "--call-seconds", "1")
    async with running_adapter(arguments, await environment(people)), await people.connect(carol) as watcher:
        call = await netsapiens.ring("1001", "004912345")
        await netsapiens.answer(call)
        await watcher.sees(anna, colour=Colour.RED)
        await netsapiens.hang_up(call)
        await watcher.sees(anna, colour=Colour.OFFLINE, calls=Calls.NONE)


async def test_do_not_disturb_is_seen_by_a_hint_and_set_from_the_portal(
    people: People, office: list[UserId], netsapiens: FakeNetSapiens, adapter: AdapterProcess
) -> None:
    anna, ben, _ = office
    async with await people.connect(ben) as watcher, await people.connect(anna, available=False) as phone:
        await take_commands(people, adapter)
        await netsapiens.set_dnd("1001", on=True)
        await watcher.sees(anna, colour=Colour.RED, dnd=True)
        await phone.ask(SetDnd(on=False), Done)
        await watcher.sees(anna, dnd=False, dnd_pending=False)
    assert netsapiens.rules["1001"]["*"]["do-not-disturb"] == {"enabled": "no"}


async def test_what_does_not_know_the_secret_is_not_heard(
    people: People, office: list[UserId], netsapiens: FakeNetSapiens, adapter: AdapterProcess
) -> None:
    anna, _, carol = office
    port = (await adapter.logged("taking_commands"))["port"]
    call = await netsapiens.ring("004912345", "004956789")
    stranger = {**call, "call-orig-user": "1001", "call-orig-domain": people.company.domain}
    async with await people.connect(carol) as watcher, http_client() as http:
        answer = await http.post(f"http://127.0.0.1:{port}/netsapiens/guessed/call", json=[stranger])
        assert answer.status_code == 404
        garbage = await http.post(f"http://127.0.0.1:{port}/netsapiens/{HOOK}/call", content=b"[{,")
        assert garbage.status_code == 400
        # What is told next was told after all of that.
        await netsapiens.ring("1003", "004912345")
        await watcher.sees(carol, colour=Colour.RED)
        assert watcher.seen(anna).calls is Calls.NONE


async def test_while_the_platform_does_not_answer_nothing_is_made_up(
    people: People, office: list[UserId], netsapiens: FakeNetSapiens
) -> None:
    anna, _, carol = office
    netsapiens.register("1001")
    arguments = options(people, netsapiens, "--no-dnd", "--call-seconds", "1")
    async with (
        running_adapter(arguments, await environment(people)) as adapter,
        await people.connect(carol) as watcher,
    ):
        await watcher.sees(anna, colour=Colour.GREEN)
        netsapiens.status = 503
        await adapter.logged("switch_line_lost", times=2)
        assert watcher.seen(anna).colour is Colour.GREEN
        netsapiens.unregister("1001")
        netsapiens.status = 0
        await watcher.sees(anna, colour=Colour.OFFLINE)


@pytest.mark.parametrize(
    ("key", "domain", "says"),
    [("guessed", None, "check NETSAPIENS_API_KEY"), (KEY, "other.test", "check --url and --domain")],
)
async def test_a_key_or_a_domain_that_is_not_known_there_ends_the_start_with_one_line(
    people: People, office: list[UserId], netsapiens: FakeNetSapiens, key: str, domain: str | None, says: str
) -> None:
    arguments = [
        *("netsapiens", "--url", netsapiens.url, "--domain", domain or people.company.domain, "--list-seconds", "1")
    ]
    process = AdapterProcess(arguments, {**await environment(people), "NETSAPIENS_API_KEY": key})
    assert await process.ended() == 3
    assert says in process.output[-1]
    assert key not in process.output[-1]
