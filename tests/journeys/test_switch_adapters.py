"""What holds for every adapter with a line to its switch: real sockets, real processes, colours at a real gateway."""

from collections.abc import AsyncIterator

import pytest

from tests.support.adapter import AdapterProcess, make_source, running_adapter
from tests.support.asterisk import FakeAsterisk
from tests.support.freeswitch import FakeFreeSwitch
from tests.support.gateway import People
from tests.support.line_server import FakeSwitch
from wire.events import PresenceChanged
from wire.identity import UserId
from wire.records import Calls, Colour, Reason


@pytest.fixture
async def office(people: People) -> list[UserId]:
    return [await people.add(extension) for extension in ("1001", "1002", "1003")]


@pytest.fixture(params=["asterisk", "freeswitch"])
async def switch(request: pytest.FixtureRequest, people: People) -> AsyncIterator[FakeSwitch]:
    server = FakeAsterisk() if request.param == "asterisk" else FakeFreeSwitch(people.company.domain)
    await server.start()
    yield server
    await server.stop()


def arguments(people: People, switch: FakeSwitch) -> list[str]:
    return [*switch.adapter(people.company.domain), "--list-seconds", "3"]


async def variables(people: People, switch: FakeSwitch) -> dict[str, str]:
    return {**await make_source(people), **switch.secrets()}


@pytest.fixture
async def adapter(people: People, office: list[UserId], switch: FakeSwitch) -> AsyncIterator[AdapterProcess]:
    async with running_adapter(arguments(people, switch), await variables(people, switch)) as running:
        yield running


async def test_what_was_there_before_the_adapter_is_known_from_its_lists(
    people: People, office: list[UserId], switch: FakeSwitch
) -> None:
    anna, ben, carol = office
    await switch.register("1001")
    await switch.register("1002")
    await switch.set_dnd("1002", on=True)
    await switch.answer(await switch.dial("1003", "004912345"))
    environment = await variables(people, switch)
    async with (
        running_adapter(arguments(people, switch), environment),
        await people.connect(ben, available=False) as watcher,
    ):
        await watcher.sees(anna, colour=Colour.GREEN)
        await watcher.sees(ben, colour=Colour.RED, reason=Reason.DO_NOT_DISTURB, dnd=True)
        await watcher.sees(carol, colour=Colour.RED, reason=Reason.ON_THE_PHONE)


async def test_a_call_between_two_users_is_seen_from_dialling_over_hold_to_hanging_up(
    people: People, office: list[UserId], switch: FakeSwitch, adapter: AdapterProcess
) -> None:
    anna, ben, carol = office
    async with await people.connect(carol) as watcher:
        for extension in ("1001", "1002"):
            await switch.register(extension)
        await watcher.sees(ben, colour=Colour.GREEN)
        caller = await switch.dial("1001", "1002")
        await watcher.sees(anna, colour=Colour.RED, reason=Reason.ON_THE_PHONE)
        callee = await switch.ring("1002", caller)
        await watcher.sees(ben, colour=Colour.GREEN, calls=Calls.RINGING)
        await switch.answer(callee, caller)
        await watcher.sees(ben, colour=Colour.RED, calls=Calls.BUSY)
        await switch.hold(callee, on=True)
        await switch.hold(callee, on=False)
        await switch.hang_up(callee, caller)
        await watcher.sees(ben, colour=Colour.GREEN, calls=Calls.NONE)
        await watcher.sees(anna, colour=Colour.GREEN, calls=Calls.NONE)


async def test_of_a_group_that_rings_only_who_answers_is_busy(
    people: People, office: list[UserId], switch: FakeSwitch, adapter: AdapterProcess
) -> None:
    anna, ben, carol = office
    async with await people.connect(carol) as watcher:
        for extension in ("1001", "1002"):
            await switch.register(extension)
        outside = await switch.dial("trunk", "600")
        first, second = await switch.ring("1001", outside), await switch.ring("1002", outside)
        await watcher.sees(anna, calls=Calls.RINGING)
        await watcher.sees(ben, calls=Calls.RINGING)
        await switch.answer(second, outside)
        await switch.hang_up(first)
        await watcher.sees(ben, colour=Colour.RED)
        await watcher.sees(anna, colour=Colour.GREEN, calls=Calls.NONE)


async def test_a_feature_code_sets_do_not_disturb_and_is_no_call(
    people: People, office: list[UserId], switch: FakeSwitch, adapter: AdapterProcess
) -> None:
    anna, ben, _ = office
    async with await people.connect(ben) as watcher:
        await switch.register("1001")
        code = await switch.dial("1001", "*78")
        await switch.answer(code)
        await switch.set_dnd("1001", on=True)
        seen = await watcher.sees(anna, colour=Colour.RED, dnd=True)
        assert (seen.reason, seen.calls) == (Reason.DO_NOT_DISTURB, Calls.NONE)
        await switch.hang_up(code)
        await switch.set_dnd("1001", on=False)
        await watcher.sees(anna, colour=Colour.GREEN, dnd=False)


async def test_what_nobody_told_heals_by_the_next_look_at_the_lists(
    people: People, office: list[UserId], switch: FakeSwitch, adapter: AdapterProcess
) -> None:
    anna, ben, carol = office
    async with await people.connect(carol) as watcher:
        gone = await switch.register("1001")
        await switch.register("1002")
        caller = await switch.dial("1002", "004912345")
        await watcher.sees(ben, colour=Colour.RED)
        switch.tells = False
        await switch.hang_up(caller)
        await switch.unregister(gone)
        await switch.set_dnd("1003", on=True)
        await watcher.sees(ben, colour=Colour.GREEN)
        await watcher.sees(anna, colour=Colour.OFFLINE)
        await watcher.sees(carol, colour=Colour.RED, dnd=True)


@pytest.mark.parametrize("piece", [1, 7])
async def test_messages_in_pieces_are_understood(
    people: People, office: list[UserId], switch: FakeSwitch, piece: int
) -> None:
    anna, ben, _ = office
    switch.piece = piece
    await switch.register("1001")
    environment = await variables(people, switch)
    async with running_adapter(arguments(people, switch), environment), await people.connect(ben) as watcher:
        await watcher.sees(anna, colour=Colour.GREEN)
        await switch.dial("1001", "1002")
        await watcher.sees(anna, colour=Colour.RED)


async def test_a_line_that_breaks_in_the_middle_of_a_message_comes_back_with_the_truth(
    people: People, office: list[UserId], switch: FakeSwitch, adapter: AdapterProcess
) -> None:
    anna, ben, carol = office
    async with await people.connect(carol) as watcher:
        for extension in ("1001", "1002"):
            await switch.register(extension)
        caller = await switch.dial("1001", "1002")
        await watcher.sees(anna, colour=Colour.RED)
        await switch.tell(switch.half_a_message)
        switch.cut()
        await switch.hang_up(caller)
        await switch.dial("1002", "004912345")
        await watcher.sees(ben, colour=Colour.RED)
        await watcher.sees(anna, colour=Colour.GREEN)
        await adapter.logged("switch_line_lost")


async def test_a_switch_that_starts_again_loses_calls_and_no_phones(
    people: People, office: list[UserId], switch: FakeSwitch, adapter: AdapterProcess
) -> None:
    anna, ben, carol = office
    async with await people.connect(carol) as watcher:
        await switch.register("1001")
        await switch.register("1002")
        await switch.dial("1002", "004912345")
        await watcher.sees(ben, colour=Colour.RED)
        await switch.restart()
        await watcher.sees(ben, colour=Colour.GREEN)
    told = [each for message in watcher.messages if isinstance(message, PresenceChanged) for each in message.users]
    assert {each.colour for each in told if each.user == anna} == {Colour.GREEN}


async def test_an_adapter_that_starts_again_replaces_what_the_one_before_had_told(
    people: People, office: list[UserId], switch: FakeSwitch
) -> None:
    anna, ben, carol = office
    environment = await variables(people, switch)
    async with await people.connect(carol) as watcher:
        async with running_adapter(arguments(people, switch), environment) as first:
            gone = await switch.register("1001")
            await switch.register("1002")
            await watcher.sees(anna, colour=Colour.GREEN)
            assert await first.stop() == 0
        await switch.unregister(gone)
        async with running_adapter(arguments(people, switch), environment):
            await watcher.sees(anna, colour=Colour.OFFLINE)
            assert watcher.seen(ben).colour is Colour.GREEN


async def test_who_is_transferred_stays_busy_and_who_transferred_is_free(
    people: People, office: list[UserId], switch: FakeSwitch, adapter: AdapterProcess
) -> None:
    anna, ben, carol = office
    async with await people.connect(carol, available=False) as watcher:
        for extension in ("1001", "1002", "1003"):
            await switch.register(extension)
        caller = await switch.dial("1001", "1002")
        middle = await switch.ring("1002", caller)
        await switch.answer(middle, caller)
        consulting = await switch.dial("1002", "1003")
        callee = await switch.ring("1003", consulting)
        await switch.answer(callee, consulting)
        await watcher.sees(carol, colour=Colour.RED)
        await switch.hang_up(middle, consulting)
        await watcher.sees(ben, colour=Colour.GREEN, calls=Calls.NONE)
        assert (watcher.seen(anna).colour, watcher.seen(carol).colour) == (Colour.RED, Colour.RED)


async def test_a_switch_that_is_slow_is_waited_for(people: People, office: list[UserId], switch: FakeSwitch) -> None:
    anna, ben, _ = office
    switch.delay = 0.3
    await switch.register("1001")
    slow = [*arguments(people, switch), "--silence-seconds", "2"]
    async with running_adapter(slow, await variables(people, switch)) as adapter, await people.connect(ben) as watcher:
        await watcher.sees(anna, colour=Colour.GREEN)
        await switch.dial("1001", "1002")
        await watcher.sees(anna, colour=Colour.RED)
        assert adapter.count("switch_line_lost") == 0
