"""An adapter between a switch and a gateway that fail: what is seen meanwhile is true or marked as unknown."""

from collections.abc import AsyncIterator, Callable
from itertools import groupby

import pytest

from tests.support.adapter import AdapterProcess, make_source, running_adapter
from tests.support.asterisk import SECRET, USER, FakeAsterisk
from tests.support.client import Client
from tests.support.gateway import GatewayProcess, People
from wire.events import PresenceChanged
from wire.identity import UserId
from wire.records import Calls, Colour

SILENT = 4
"""Seconds; a busy machine may keep the adapter, which speaks twice in each, from it for two."""


@pytest.fixture
def own_gateway(start_gateway: Callable[..., GatewayProcess]) -> GatewayProcess:
    """One that marks a switch as silent soon, and may be killed."""
    return start_gateway(PRESENCE_SWITCH_SILENT_SECONDS=str(SILENT))


@pytest.fixture
async def office(people: People) -> list[UserId]:
    return [await people.add(extension) for extension in ("1001", "1002", "1003")]


@pytest.fixture
async def asterisk() -> AsyncIterator[FakeAsterisk]:
    server = FakeAsterisk()
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def adapter(
    people: People, own_gateway: GatewayProcess, office: list[UserId], asterisk: FakeAsterisk
) -> AsyncIterator[AdapterProcess]:
    environment = {
        **await make_source(people),
        "ADAPTER_GATEWAY": own_gateway.url,
        "ADAPTER_HEARTBEAT_SECONDS": "0.5",
        "ASTERISK_SECRET": SECRET,
    }
    arguments = [
        *("asterisk", "--port", str(asterisk.port), "--user", USER, "--domain", people.company.domain),
        *("--list-seconds", "2", "--silence-seconds", "3"),
    ]
    async with running_adapter(arguments, environment) as running:
        yield running


async def becomes_unknown(watcher: Client, user: UserId) -> None:
    await watcher.until(lambda: watcher.seen(user).unknown_since, f"user {user} is marked as unknown")


def told_of(watcher: Client, user: UserId) -> list[Colour | str]:
    """The colours of the user in the order in which they were told, and `unknown` for what was marked so."""
    changes = [message for message in watcher.messages if isinstance(message, PresenceChanged)]
    told = [each for change in changes for each in change.users if each.user == user]
    return [kind for kind, _ in groupby("unknown" if each.unknown_since else each.colour for each in told)]


async def test_while_the_switch_is_away_its_users_are_marked_as_unknown_and_nobody_is_turned_off(
    people: People, own_gateway: GatewayProcess, office: list[UserId], asterisk: FakeAsterisk, adapter: AdapterProcess
) -> None:
    anna, ben, carol = office
    async with await people.connect(carol, own_gateway) as watcher:
        desk = await asterisk.register("1001")
        await asterisk.register("1002")
        await watcher.sees(anna, colour=Colour.GREEN)
        await watcher.sees(ben, colour=Colour.GREEN)
        await asterisk.stop()
        await becomes_unknown(watcher, anna)
        assert watcher.seen(anna).phone
        # What is unknown stays so until all lists have been read again: meanwhile, one phone has gone.
        del asterisk.contacts[desk]
        await asterisk.start()
        await watcher.sees(ben, colour=Colour.GREEN, unknown_since=0)
        await watcher.sees(anna, colour=Colour.OFFLINE)
        # On a machine that stood still, somebody may have been unknown, and known again, once more.
        assert told_of(watcher, anna)[-2:] == ["unknown", Colour.OFFLINE]
        assert set(told_of(watcher, anna)[:-1]) == set(told_of(watcher, ben)) == {Colour.GREEN, "unknown"}


async def test_a_line_on_which_nothing_comes_any_more_is_found_out_and_replaced(
    people: People, own_gateway: GatewayProcess, office: list[UserId], asterisk: FakeAsterisk, adapter: AdapterProcess
) -> None:
    anna, _, carol = office
    async with await people.connect(carol, own_gateway) as watcher:
        await asterisk.register("1001")
        await watcher.sees(anna, colour=Colour.GREEN)
        asterisk.freeze()
        lost = await adapter.logged("switch_line_lost")
        assert lost["reason"] == "the switch has said nothing for 3 seconds"
        await becomes_unknown(watcher, anna)
        asterisk.is_frozen = False
        await asterisk.dial("1001", "1002")
        await watcher.sees(anna, colour=Colour.RED, calls=Calls.BUSY, unknown_since=0)


async def test_what_happens_while_the_gateway_is_away_arrives_when_it_is_back(
    people: People,
    start_gateway: Callable[..., GatewayProcess],
    own_gateway: GatewayProcess,
    office: list[UserId],
    asterisk: FakeAsterisk,
    adapter: AdapterProcess,
) -> None:
    anna, ben, carol = office
    caller = await asterisk.dial("1001", "004912345")
    async with await people.connect(carol, own_gateway) as watcher:
        await watcher.sees(anna, colour=Colour.RED)
    own_gateway.kill()
    await asterisk.hang_up(caller)
    await asterisk.register("1001")
    await asterisk.dial("1002", "004912345")
    await asterisk.set_dnd("1003", on=True)
    await adapter.logged("gateway_does_not_take")
    again = start_gateway(own_gateway.port, PRESENCE_SWITCH_SILENT_SECONDS=str(SILENT))
    async with await people.connect(carol, again) as watcher:
        await watcher.sees(anna, colour=Colour.GREEN, calls=Calls.NONE)
        await watcher.sees(ben, colour=Colour.RED)
        await watcher.sees(carol, colour=Colour.RED, dnd=True)
    await adapter.logged("gateway_answers_again")


async def test_a_switch_and_a_gateway_that_are_both_away_come_back_to_the_truth(
    people: People,
    start_gateway: Callable[..., GatewayProcess],
    own_gateway: GatewayProcess,
    office: list[UserId],
    asterisk: FakeAsterisk,
    adapter: AdapterProcess,
) -> None:
    anna, ben, carol = office
    gone = await asterisk.register("1001")
    async with await people.connect(carol, own_gateway) as watcher:
        await watcher.sees(anna, colour=Colour.GREEN)
    own_gateway.kill()
    await asterisk.stop()
    await adapter.logged("switch_line_lost")
    again = start_gateway(own_gateway.port, PRESENCE_SWITCH_SILENT_SECONDS=str(SILENT))
    async with await people.connect(carol, again) as watcher:
        await becomes_unknown(watcher, anna)
        del asterisk.contacts[gone]
        await asterisk.register("1002")
        await asterisk.start()
        await watcher.sees(ben, colour=Colour.GREEN)
        await watcher.sees(anna, colour=Colour.OFFLINE, unknown_since=0)
        assert Colour.GREEN not in told_of(watcher, anna)
