"""A FreeSWITCH that speaks ESL over real sockets, the adapter as a process of its own, and colours at a gateway."""

from collections.abc import AsyncIterator

import pytest

from tests.support.adapter import AdapterProcess, make_source, running_adapter, take_commands
from tests.support.freeswitch import PASSWORD, FakeFreeSwitch
from tests.support.gateway import People
from wire.commands import SetDnd
from wire.identity import UserId
from wire.records import Calls, Colour, Reason
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


async def test_what_was_there_before_the_adapter_is_known_from_its_lists(
    people: People, office: list[UserId], freeswitch: FakeFreeSwitch
) -> None:
    anna, ben, carol = office
    await freeswitch.register("1001")
    await freeswitch.set_dnd("1002", on=True)
    await freeswitch.answer(await freeswitch.dial("1003", "004912345"))
    async with (
        running_adapter(options(people, freeswitch), await environment(people)),
        await people.connect(ben, available=False) as watcher,
    ):
        await watcher.sees(anna, colour=Colour.GREEN)
        await watcher.sees(ben, colour=Colour.RED, reason=Reason.DO_NOT_DISTURB)
        await watcher.sees(carol, colour=Colour.RED, reason=Reason.ON_THE_PHONE)


async def test_a_call_between_two_users_is_seen_from_dialling_over_hold_to_hanging_up(
    people: People, office: list[UserId], freeswitch: FakeFreeSwitch, adapter: AdapterProcess
) -> None:
    anna, ben, carol = office
    async with await people.connect(carol) as watcher:
        for extension in ("1001", "1002"):
            await freeswitch.register(extension)
        await watcher.sees(ben, colour=Colour.GREEN)
        caller = await freeswitch.dial("1001", "1002")
        await watcher.sees(anna, colour=Colour.RED, reason=Reason.ON_THE_PHONE)
        callee = await freeswitch.ring("1002", caller)
        await watcher.sees(ben, colour=Colour.GREEN, calls=Calls.RINGING)
        await freeswitch.answer(callee, caller)
        await watcher.sees(ben, colour=Colour.RED, calls=Calls.BUSY)
        await freeswitch.hold(callee, on=True)
        await freeswitch.hold(callee, on=False)
        await freeswitch.hang_up(callee, caller)
        await watcher.sees(ben, colour=Colour.GREEN, calls=Calls.NONE)
        await watcher.sees(anna, colour=Colour.GREEN, calls=Calls.NONE)


async def test_of_a_group_that_rings_only_who_answers_is_busy(
    people: People, office: list[UserId], freeswitch: FakeFreeSwitch, adapter: AdapterProcess
) -> None:
    anna, ben, carol = office
    async with await people.connect(carol) as watcher:
        for extension in ("1001", "1002"):
            await freeswitch.register(extension)
        outside = await freeswitch.dial("trunk", "600")
        first, second = await freeswitch.ring("1001", outside), await freeswitch.ring("1002", outside)
        await watcher.sees(anna, calls=Calls.RINGING)
        await watcher.sees(ben, calls=Calls.RINGING)
        await freeswitch.answer(second, outside)
        await freeswitch.hang_up(first)
        await watcher.sees(ben, colour=Colour.RED)
        await watcher.sees(anna, colour=Colour.GREEN, calls=Calls.NONE)


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


async def test_what_nobody_told_heals_by_the_next_look_at_the_lists(
    people: People, office: list[UserId], freeswitch: FakeFreeSwitch, adapter: AdapterProcess
) -> None:
    anna, ben, carol = office
    async with await people.connect(carol) as watcher:
        gone = await freeswitch.register("1001")
        await freeswitch.register("1002")
        caller = await freeswitch.dial("1002", "004912345")
        await watcher.sees(ben, colour=Colour.RED)
        freeswitch.tells = False
        await freeswitch.hang_up(caller)
        await freeswitch.unregister(gone)
        await freeswitch.set_dnd("1003", on=True)
        await watcher.sees(ben, colour=Colour.GREEN)
        await watcher.sees(anna, colour=Colour.OFFLINE)
        await watcher.sees(carol, colour=Colour.RED, dnd=True)


@pytest.mark.parametrize("piece", [1, 7])
async def test_events_in_pieces_are_understood(
    people: People, office: list[UserId], freeswitch: FakeFreeSwitch, piece: int
) -> None:
    anna, ben, _ = office
    freeswitch.piece = piece
    await freeswitch.register("1001")
    async with (
        running_adapter(options(people, freeswitch), await environment(people)),
        await people.connect(ben) as watcher,
    ):
        await watcher.sees(anna, colour=Colour.GREEN)
        await freeswitch.dial("1001", "1002")
        await watcher.sees(anna, colour=Colour.RED)


async def test_a_line_that_breaks_in_the_middle_of_an_event_comes_back_with_the_truth(
    people: People, office: list[UserId], freeswitch: FakeFreeSwitch, adapter: AdapterProcess
) -> None:
    anna, ben, carol = office
    async with await people.connect(carol) as watcher:
        for extension in ("1001", "1002"):
            await freeswitch.register(extension)
        caller = await freeswitch.dial("1001", "1002")
        await watcher.sees(anna, colour=Colour.RED)
        await freeswitch.tell(b'Content-Length: 500\nContent-Type: text/event-json\n\n{"Event-Name":"CHA')
        freeswitch.cut()
        await freeswitch.hang_up(caller)
        await freeswitch.dial("1002", "004912345")
        await watcher.sees(ben, colour=Colour.RED)
        await watcher.sees(anna, colour=Colour.GREEN)
        await adapter.logged("switch_line_lost")


async def test_a_freeswitch_that_starts_again_loses_calls_and_no_phones(
    people: People, office: list[UserId], freeswitch: FakeFreeSwitch, adapter: AdapterProcess
) -> None:
    anna, ben, carol = office
    async with await people.connect(carol) as watcher:
        await freeswitch.register("1001")
        await freeswitch.register("1002")
        await freeswitch.dial("1002", "004912345")
        await watcher.sees(ben, colour=Colour.RED)
        await freeswitch.restart()
        await watcher.sees(ben, colour=Colour.GREEN)
        assert watcher.seen(anna).colour is Colour.GREEN


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
        assert [(told["profile"], told["doNotDisturbOn"]) for told in freeswitch.fired] == [("internal", "on")]
        await freeswitch.set_dnd("1001", on=False)
        await watcher.sees(anna, colour=Colour.GREEN, dnd=False)
