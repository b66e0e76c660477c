"""A FreeSWITCH that speaks ESL over real sockets, the adapter as a process of its own, and colours at a gateway."""

from collections.abc import AsyncIterator

import pytest

from tests.support.adapter import AdapterProcess, make_source, running_adapter, take_commands
from tests.support.freeswitch import PASSWORD, FakeFreeSwitch
from tests.support.gateway import People
from wire.commands import SetDnd
from wire.identity import UserId
from wire.records import Calls, Colour
from wire.replies import Done


@pytest.fixture
async def office(people: People) -> list[UserId]:
    return [await people.add(extension) for extension in ("1001", "1002", "1003")]


@pytest.fixture
async def freeswitch(people: People) -> AsyncIterator[FakeFreeSwitch]:
    server = FakeFreeSwitch(people.company.domain)
    await server.start()
    yield server
    await server.stop()


def options(people: People, freeswitch: FakeFreeSwitch, *more: str) -> list[str]:
    return [
        *("freeswitch", "--port", str(freeswitch.port), "--domain", people.company.domain),
        *("--dnd-realm", "dnd", "--list-seconds", "5", *more),
    ]


async def environment(people: People) -> dict[str, str]:
    return {**await make_source(people), "FREESWITCH_PASSWORD": PASSWORD}


@pytest.fixture
async def adapter(people: People, office: list[UserId], freeswitch: FakeFreeSwitch) -> AsyncIterator[AdapterProcess]:
    async with running_adapter(options(people, freeswitch), await environment(people)) as running:
        yield running


async def test_phones_that_register_refresh_unregister_and_expire_change_the_colour_at_once(
    people: People, office: list[UserId], freeswitch: FakeFreeSwitch, adapter: AdapterProcess
) -> None:
    anna, ben, _ = office
    async with await people.connect(ben) as watcher:
        desk = await freeswitch.register("1001")
        mobile = await freeswitch.register("1001")
        await watcher.sees(anna, colour=Colour.GREEN, phone=True)
        await freeswitch.register("1001", desk)
        await freeswitch.unregister(desk)
        await freeswitch.expire(mobile)
        await watcher.sees(anna, colour=Colour.OFFLINE)


async def test_do_not_disturb_comes_from_the_dialplan_and_from_the_key_of_a_phone(
    people: People, office: list[UserId], freeswitch: FakeFreeSwitch, adapter: AdapterProcess
) -> None:
    anna, ben, _ = office
    async with await people.connect(ben) as watcher:
        await freeswitch.register("1001")
        code = await freeswitch.dial("1001", "*78")
        await freeswitch.set_dnd("1001", on=True)
        seen = await watcher.sees(anna, colour=Colour.RED, dnd=True)
        assert seen.calls is Calls.NONE
        await freeswitch.hang_up(code)
        await freeswitch.press_dnd_key("1001", on=False)
        await watcher.sees(anna, colour=Colour.GREEN, dnd=False)
        await freeswitch.until(lambda: freeswitch.fired)
    assert freeswitch.dnd == set()
    (told,) = freeswitch.fired
    assert (told["user"], told["Feature-Event"], told["doNotDisturbOn"]) == ("1001", "DoNotDisturbEvent", "off")


async def test_a_wrong_password_ends_the_start_with_one_line(
    people: People, office: list[UserId], freeswitch: FakeFreeSwitch
) -> None:
    process = AdapterProcess(
        options(people, freeswitch), {**await make_source(people), "FREESWITCH_PASSWORD": "guessed"}
    )
    assert await process.ended() == 3
    assert process.output == ["Error: FreeSWITCH refuses the password: see event_socket.conf.xml"]


async def test_an_access_list_that_keeps_us_out_ends_the_start_with_one_line(
    people: People, office: list[UserId], freeswitch: FakeFreeSwitch
) -> None:
    freeswitch.lets_in = False
    process = AdapterProcess(options(people, freeswitch), await environment(people))
    assert await process.ended() == 3
    assert "apply-inbound-acl" in process.output[-1]


async def test_a_freeswitch_without_its_core_database_is_told_what_is_missing(
    people: People, office: list[UserId], freeswitch: FakeFreeSwitch
) -> None:
    freeswitch.has_sql = False
    process = AdapterProcess(options(people, freeswitch), await environment(people))
    assert await process.ended() == 3
    assert "-nosql" in process.output[-1]


async def test_do_not_disturb_set_in_the_portal_reaches_freeswitch_and_the_phones(
    people: People, office: list[UserId], freeswitch: FakeFreeSwitch
) -> None:
    anna, ben, _ = office
    variables = {**await environment(people), "ADAPTER_COMMAND_TOKEN": "command"}
    async with (
        running_adapter(options(people, freeswitch, "--listen", "127.0.0.1:0"), variables) as adapter,
        await people.connect(ben) as watcher,
        await people.connect(anna, available=False) as phone,
    ):
        await take_commands(people, adapter)
        await freeswitch.register("1001")
        await phone.ask(SetDnd(on=True), Done)
        await watcher.sees(anna, colour=Colour.RED, dnd=True, dnd_pending=False)
        assert freeswitch.dnd == {f"1001@{people.company.domain}"}
        await freeswitch.until(lambda: freeswitch.fired)
        assert [(told["profile"], told["doNotDisturbOn"]) for told in freeswitch.fired] == [("internal", "on")]
        await freeswitch.set_dnd("1001", on=False)
        await watcher.sees(anna, colour=Colour.GREEN, dnd=False)


async def test_what_freeswitch_does_not_keep_stays_pending_in_the_portal(
    people: People, office: list[UserId], freeswitch: FakeFreeSwitch
) -> None:
    anna, ben, _ = office
    freeswitch.keeps_dnd = False
    variables = {**await environment(people), "ADAPTER_COMMAND_TOKEN": "command"}
    async with (
        running_adapter(options(people, freeswitch, "--listen", "127.0.0.1:0"), variables) as adapter,
        await people.connect(ben) as watcher,
        await people.connect(anna, available=False) as phone,
    ):
        await take_commands(people, adapter)
        await phone.ask(SetDnd(on=True), Done)
        refused = await adapter.logged("command_not_possible")
        assert "Can't get DB Handle" in str(refused["reason"])
        assert (await watcher.sees(anna, dnd=True)).dnd_pending
        # A phone that asks for the same is refused, too, and the line goes on.
        await freeswitch.press_dnd_key("1001", on=False)
        await adapter.logged("dnd_of_a_phone_not_kept")
        await freeswitch.register("1001")
        await watcher.sees(anna, phone=True, dnd=True)
        assert adapter.count("switch_line_lost") == 0
