"""An Asterisk that speaks AMI over real sockets, the adapter as a process of its own, and colours at a real gateway."""

import secrets
from collections.abc import AsyncIterator

import pytest

from tests.support.adapter import AdapterProcess, make_source, running_adapter, take_commands
from tests.support.asterisk import SECRET, USER, FakeAsterisk
from tests.support.gateway import People
from tests.support.http import http_client
from wire.commands import SetDnd
from wire.events import PresenceChanged
from wire.identity import UserId
from wire.records import Calls, Colour
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
        async with http_client(url) as http:
            health = await http.get("/healthz")
            assert (health.status_code, health.json()["line"]) == (503, "down")
        await asterisk.start()
        await watcher.sees(anna, dnd=True, dnd_pending=False)
        assert asterisk.database == {"/DND/1001": "YES"}


async def test_a_large_asterisk_is_told_in_parts(people: People, office: list[UserId], asterisk: FakeAsterisk) -> None:
    anna, ben, _ = office
    for number in range(5_000):
        await asterisk.register(str(20_000 + number))
    await asterisk.register("1001")
    environment = {**await make_source(people), "ASTERISK_SECRET": SECRET}
    async with running_adapter(options(people, asterisk), environment) as adapter, await people.connect(ben) as watcher:
        await watcher.sees(anna, colour=Colour.GREEN)
        taken = await adapter.logged("snapshot_taken")
        assert (taken["devices"], taken["unknown_users"], taken["parts"]) == (1, 5_000, 2)


async def test_an_asterisk_whose_modules_are_still_loading_turns_nobody_off(
    people: People, office: list[UserId], asterisk: FakeAsterisk
) -> None:
    anna, ben, _ = office
    environment = {**await make_source(people), "ASTERISK_SECRET": SECRET}
    arguments = options(people, asterisk, "--silence-seconds", "3")
    async with running_adapter(arguments, environment), await people.connect(ben) as watcher:
        await asterisk.register("1001")
        await watcher.sees(anna, colour=Colour.GREEN)
        contacts, asterisk.contacts, asterisk.is_booted = asterisk.contacts, {}, False
        await asterisk.restart()
        await asterisk.until(lambda: asterisk.logins == 2)
        # Whoever would not wait would have asked for the lists long before the second ping.
        pings = asterisk.asked("ping")
        await asterisk.until(lambda: asterisk.asked("ping") == pings + 2)
        asterisk.contacts = contacts
        await asterisk.event("FullyBooted", {"Status": "Fully Booted"})
        await asterisk.dial("1001", "1002")
        await watcher.sees(anna, colour=Colour.RED)
    told = [each for message in watcher.messages if isinstance(message, PresenceChanged) for each in message.users]
    assert {each.colour for each in told if each.user == anna} == {Colour.GREEN, Colour.RED}
