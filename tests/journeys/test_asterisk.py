"""An Asterisk that speaks AMI over real sockets, the adapter as a process of its own, and colours at a real gateway."""

import secrets
from collections.abc import AsyncIterator

import httpx2
import pytest

from tests.support.adapter import AdapterProcess, make_source, running_adapter, take_commands
from tests.support.asterisk import SECRET, USER, FakeAsterisk
from tests.support.gateway import People
from wire.commands import SetDnd
from wire.events import PresenceChanged
from wire.identity import UserId
from wire.records import Calls, Colour, Reason
from wire.replies import Done


@pytest.fixture
async def office(people: People) -> list[UserId]:
    return [await people.add(extension) for extension in ("1001", "1002", "1003")]


@pytest.fixture
async def asterisk() -> AsyncIterator[FakeAsterisk]:
    server = FakeAsterisk()
    await server.start()
    yield server
    await server.stop()


def options(people: People, asterisk: FakeAsterisk, *more: str) -> list[str]:
    return [
        *("asterisk", "--port", str(asterisk.port), "--user", USER, "--domain", people.company.domain),
        *("--list-seconds", "5", *more),
    ]


@pytest.fixture
async def adapter(people: People, office: list[UserId], asterisk: FakeAsterisk) -> AsyncIterator[AdapterProcess]:
    environment = {**await make_source(people), "ASTERISK_SECRET": SECRET}
    async with running_adapter(options(people, asterisk), environment) as running:
        yield running


async def test_phones_that_register_and_unregister_change_the_colour_at_once(
    people: People, office: list[UserId], asterisk: FakeAsterisk, adapter: AdapterProcess
) -> None:
    anna, ben, _ = office
    async with await people.connect(ben) as watcher:
        desk = await asterisk.register("1001")
        await watcher.sees(anna, colour=Colour.GREEN, phone=True)
        mobile = await asterisk.register("1001")
        await asterisk.unregister(desk)
        await asterisk.unregister(mobile, "Unreachable")
        await watcher.sees(anna, colour=Colour.OFFLINE)


async def test_what_was_there_before_the_adapter_is_known_from_its_lists(
    people: People, office: list[UserId], asterisk: FakeAsterisk
) -> None:
    anna, ben, carol = office
    await asterisk.register("1001")
    await asterisk.register("1002")
    await asterisk.set_dnd("1002", on=True)
    caller = await asterisk.dial("1003", "004912345")
    await asterisk.answer(caller, caller)
    environment = {**await make_source(people), "ASTERISK_SECRET": SECRET}
    async with (
        running_adapter(options(people, asterisk), environment),
        await people.connect(ben, available=False) as watcher,
    ):
        await watcher.sees(anna, colour=Colour.GREEN)
        await watcher.sees(ben, colour=Colour.RED, reason=Reason.DO_NOT_DISTURB, dnd=True)
        await watcher.sees(carol, colour=Colour.RED, reason=Reason.ON_THE_PHONE)


async def test_a_call_between_two_users_is_seen_from_dialling_over_hold_to_hanging_up(
    people: People, office: list[UserId], asterisk: FakeAsterisk, adapter: AdapterProcess
) -> None:
    anna, ben, carol = office
    async with await people.connect(carol) as watcher:
        for extension in ("1001", "1002"):
            await asterisk.register(extension)
        await watcher.sees(ben, colour=Colour.GREEN)
        caller = await asterisk.dial("1001", "1002")
        await watcher.sees(anna, colour=Colour.RED, reason=Reason.ON_THE_PHONE)
        callee = await asterisk.ring("1002", caller)
        await watcher.sees(ben, colour=Colour.GREEN, calls=Calls.RINGING)
        await asterisk.answer(callee, caller)
        await watcher.sees(ben, colour=Colour.RED, calls=Calls.BUSY)
        await asterisk.hold(callee, on=True)
        await asterisk.hold(callee, on=False)
        await asterisk.hang_up(callee, caller)
        await watcher.sees(ben, colour=Colour.GREEN, calls=Calls.NONE)
        await watcher.sees(anna, colour=Colour.GREEN, calls=Calls.NONE)


async def test_of_a_group_that_rings_only_who_answers_is_busy(
    people: People, office: list[UserId], asterisk: FakeAsterisk, adapter: AdapterProcess
) -> None:
    anna, ben, carol = office
    async with await people.connect(carol) as watcher:
        for extension in ("1001", "1002"):
            await asterisk.register(extension)
        outside = await asterisk.dial("trunk-provider", "600")
        first, second = await asterisk.ring("1001", outside), await asterisk.ring("1002", outside)
        await watcher.sees(anna, calls=Calls.RINGING)
        await watcher.sees(ben, calls=Calls.RINGING)
        await asterisk.answer(second, outside)
        await asterisk.hang_up(first)
        await watcher.sees(ben, colour=Colour.RED)
        await watcher.sees(anna, colour=Colour.GREEN, calls=Calls.NONE)


async def test_a_pickup_makes_the_phone_busy_that_took_the_call(
    people: People, office: list[UserId], asterisk: FakeAsterisk, adapter: AdapterProcess
) -> None:
    anna, ben, carol = office
    async with await people.connect(carol) as watcher:
        for extension in ("1001", "1002"):
            await asterisk.register(extension)
        outside = await asterisk.dial("trunk-provider", "600")
        ringing = await asterisk.ring("1001", outside)
        await watcher.sees(anna, calls=Calls.RINGING)
        await asterisk.rename(ringing, "PJSIP/1002-0000abcd")
        await asterisk.answer(ringing, outside)
        await watcher.sees(ben, colour=Colour.RED)
        await watcher.sees(anna, colour=Colour.GREEN, calls=Calls.NONE)


async def test_a_feature_code_sets_do_not_disturb_and_is_no_call(
    people: People, office: list[UserId], asterisk: FakeAsterisk, adapter: AdapterProcess
) -> None:
    anna, ben, _ = office
    async with await people.connect(ben) as watcher:
        await asterisk.register("1001")
        code = await asterisk.dial("1001", "*78")
        await asterisk.answer(code, code)
        await asterisk.set_dnd("1001", on=True)
        seen = await watcher.sees(anna, colour=Colour.RED, dnd=True)
        assert (seen.reason, seen.calls) == (Reason.DO_NOT_DISTURB, Calls.NONE)
        await asterisk.hang_up(code)
        await asterisk.set_dnd("1001", on=False)
        await watcher.sees(anna, colour=Colour.GREEN, dnd=False)


async def test_what_nobody_told_heals_by_the_next_look_at_the_lists(
    people: People, office: list[UserId], asterisk: FakeAsterisk, adapter: AdapterProcess
) -> None:
    anna, ben, carol = office
    async with await people.connect(carol) as watcher:
        gone = await asterisk.register("1001")
        await asterisk.register("1002")
        caller = await asterisk.dial("1002", "004912345")
        await watcher.sees(ben, colour=Colour.RED)
        asterisk.tells = False
        await asterisk.hang_up(caller)
        await asterisk.unregister(gone)
        await asterisk.set_dnd("1003", on=True)
        await watcher.sees(ben, colour=Colour.GREEN)
        await watcher.sees(anna, colour=Colour.OFFLINE)
        await watcher.sees(carol, colour=Colour.RED, dnd=True)


@pytest.mark.parametrize("piece", [1, 7])
async def test_messages_in_pieces_are_understood(
    people: People, office: list[UserId], asterisk: FakeAsterisk, piece: int
) -> None:
    anna, ben, _ = office
    asterisk.piece = piece
    await asterisk.register("1001")
    environment = {**await make_source(people), "ASTERISK_SECRET": SECRET}
    async with running_adapter(options(people, asterisk), environment), await people.connect(ben) as watcher:
        await watcher.sees(anna, colour=Colour.GREEN)
        await asterisk.dial("1001", "1002")
        await watcher.sees(anna, colour=Colour.RED)


async def test_a_line_that_breaks_in_the_middle_of_a_message_comes_back_with_the_truth(
    people: People, office: list[UserId], asterisk: FakeAsterisk, adapter: AdapterProcess
) -> None:
    anna, ben, carol = office
    async with await people.connect(carol) as watcher:
        for extension in ("1001", "1002"):
            await asterisk.register(extension)
        caller = await asterisk.dial("1001", "1002")
        await watcher.sees(anna, colour=Colour.RED)
        await asterisk.tell(b"Event: Newchannel\r\nChannel: PJSIP/1002-00000")
        asterisk.cut()
        await asterisk.hang_up(caller)
        await asterisk.dial("1002", "004912345")
        await watcher.sees(ben, colour=Colour.RED)
        await watcher.sees(anna, colour=Colour.GREEN)
        await adapter.logged("switch_line_lost")


async def test_an_asterisk_that_starts_again_loses_calls_and_no_phones(
    people: People, office: list[UserId], asterisk: FakeAsterisk, adapter: AdapterProcess
) -> None:
    anna, ben, carol = office
    async with await people.connect(carol) as watcher:
        await asterisk.register("1001")
        await asterisk.register("1002")
        await asterisk.dial("1002", "004912345")
        await watcher.sees(ben, colour=Colour.RED)
        await asterisk.restart()
        await watcher.sees(ben, colour=Colour.GREEN)
    told = [each for message in watcher.messages if isinstance(message, PresenceChanged) for each in message.users]
    assert {each.colour for each in told if each.user == anna} == {Colour.GREEN}


async def test_an_adapter_that_starts_again_replaces_what_the_one_before_had_told(
    people: People, office: list[UserId], asterisk: FakeAsterisk
) -> None:
    anna, ben, carol = office
    environment = {**await make_source(people), "ASTERISK_SECRET": SECRET}
    async with await people.connect(carol) as watcher:
        async with running_adapter(options(people, asterisk), environment) as first:
            gone = await asterisk.register("1001")
            await asterisk.register("1002")
            await watcher.sees(anna, colour=Colour.GREEN)
            assert await first.stop() == 0
        del asterisk.contacts[gone]
        async with running_adapter(options(people, asterisk), environment):
            await watcher.sees(anna, colour=Colour.OFFLINE)
            assert watcher.seen(ben).colour is Colour.GREEN


async def test_a_clock_that_is_wrong_at_the_switch_shortens_no_lease(
    people: People, office: list[UserId], asterisk: FakeAsterisk
) -> None:
    anna, ben, _ = office
    asterisk.skew = -86_400.0
    await asterisk.register("1001", expires=60)
    environment = {**await make_source(people), "ASTERISK_SECRET": SECRET}
    async with running_adapter(options(people, asterisk), environment), await people.connect(ben) as watcher:
        await watcher.sees(anna, colour=Colour.GREEN)


async def test_a_wrong_secret_ends_the_start_with_one_line(
    people: People, office: list[UserId], asterisk: FakeAsterisk
) -> None:
    environment = {**await make_source(people), "ASTERISK_SECRET": "guessed"}
    process = AdapterProcess(options(people, asterisk), environment)
    assert await process.ended() == 3
    (line,) = process.output
    assert line.startswith(f"Error: Asterisk refuses the manager user {USER!r}: Authentication failed.")
    assert "guessed" not in line


async def test_a_token_that_is_not_taken_ends_the_start_with_one_line(
    people: People, office: list[UserId], asterisk: FakeAsterisk
) -> None:
    environment = {**await make_source(people), "ASTERISK_SECRET": SECRET, "ADAPTER_TOKEN": secrets.token_hex(16)}
    process = AdapterProcess(options(people, asterisk), environment)
    assert await process.ended() == 3
    (line,) = process.output
    assert line.startswith(f"Error: the gateway at {people.gateway.url} refuses source")


async def test_a_manager_user_who_may_not_see_the_lists_is_told_what_to_set(
    people: People, office: list[UserId], asterisk: FakeAsterisk
) -> None:
    asterisk.may_list = False
    process = AdapterProcess(options(people, asterisk), {**await make_source(people), "ASTERISK_SECRET": SECRET})
    assert await process.ended() == 3
    assert "write = system,call,reporting" in process.output[-1]


async def test_do_not_disturb_set_in_the_portal_reaches_asterisk_and_is_pending_until_then(
    people: People, office: list[UserId], asterisk: FakeAsterisk
) -> None:
    anna, ben, _ = office
    environment = {**await make_source(people), "ASTERISK_SECRET": SECRET, "ADAPTER_COMMAND_TOKEN": "command"}
    arguments = options(people, asterisk, "--listen", "127.0.0.1:0")
    async with (
        running_adapter(arguments, environment) as adapter,
        await people.connect(ben) as watcher,
        await people.connect(anna, available=False) as phone,
    ):
        await take_commands(people, adapter)
        await asterisk.register("1001")
        await phone.ask(SetDnd(on=True), Done)
        await watcher.sees(anna, colour=Colour.RED, dnd=True, dnd_pending=False)
        await asterisk.until(lambda: asterisk.device_states.get("Custom:DND1001") == "BUSY")
        assert asterisk.database == {"/DND/1001": "YES"}
        # The user's own code at the phone comes after it, and counts.
        await asterisk.set_dnd("1001", on=False)
        await watcher.sees(anna, colour=Colour.GREEN, dnd=False)


async def test_what_was_set_while_asterisk_was_away_is_carried_out_when_it_is_back(
    people: People, office: list[UserId], asterisk: FakeAsterisk
) -> None:
    anna, ben, _ = office
    environment = {**await make_source(people), "ASTERISK_SECRET": SECRET, "ADAPTER_COMMAND_TOKEN": "command"}
    arguments = options(people, asterisk, "--listen", "127.0.0.1:0")
    async with (
        running_adapter(arguments, environment) as adapter,
        await people.connect(ben) as watcher,
        await people.connect(anna, available=False) as phone,
    ):
        url = await take_commands(people, adapter)
        await asterisk.stop()
        await adapter.logged("switch_line_lost")
        await phone.ask(SetDnd(on=True), Done)
        await watcher.sees(anna, dnd=True, dnd_pending=True)
        async with httpx2.AsyncClient(base_url=url) as http:
            health = await http.get("/healthz")
            assert (health.status_code, health.json()["line"]) == (503, "down")
        await asterisk.start()
        await watcher.sees(anna, dnd=True, dnd_pending=False)
        assert asterisk.database == {"/DND/1001": "YES"}
