"""A switch that dies, or forgets to tell the end of a call: nobody is shown falsely, and nobody stays red.

Over a real gateway, with times as short as an operator may set them.
"""

import time
from collections.abc import AsyncIterator, Callable
from itertools import groupby

import pytest

from tests.support.client import Client
from tests.support.gateway import GatewayProcess, People
from tests.support.switches import HttpSwitch, beating
from wire.commands import Why
from wire.events import PresenceChanged
from wire.identity import UserId
from wire.records import Colour, Presence
from wire.replies import Explained

SILENT, CALLS_SILENT, CALL = 3.0, 5.0, 4.0
HEARD_APART = 2
"""Not every word of a switch is written down as its last one."""


@pytest.fixture(scope="module")
def impatient(start_gateway: Callable[..., GatewayProcess]) -> GatewayProcess:
    return start_gateway(
        PRESENCE_SWITCH_SILENT_SECONDS=str(SILENT),
        PRESENCE_CALLS_SILENT_SECONDS=str(CALLS_SILENT),
        PRESENCE_CALL_SECONDS=str(CALL),
    )


@pytest.fixture
async def switch(people: People, impatient: GatewayProcess) -> AsyncIterator[HttpSwitch]:
    async with await HttpSwitch.add(people.pool, impatient.url, people.company.domain) as made:
        await made.send_snapshot()
        await made.send()
        yield made


@pytest.fixture
async def alive(switch: HttpSwitch) -> AsyncIterator[None]:
    async with beating(switch, SILENT / 10):
        yield


def history_of(client: Client, user: UserId) -> list[Presence]:
    return [
        each
        for message in client.messages
        if isinstance(message, PresenceChanged)
        for each in message.users
        if each.user == user
    ]


async def test_a_call_whose_end_was_never_told_keeps_nobody_red_beyond_its_time(
    people: People, impatient: GatewayProcess, switch: HttpSwitch, alive: None
) -> None:
    anna, ben = await people.add("1001"), await people.add("1002")
    mine = f"1001@{people.company.domain}"
    async with await people.connect(ben, impatient) as watcher:
        began = time.monotonic()
        await switch.send(switch.device_up(mine, ttl=600), switch.call("c1", "active", (mine, "caller")))
        await watcher.sees(anna, colour=Colour.RED)
        await watcher.sees(anna, colour=Colour.GREEN)
        assert (
            CALL - 0.5 <= time.monotonic() - began < CALL + 30
        )  # the server goes by the time of day, which is set at times
        assert watcher.seen(anna).unknown_since == 0


async def test_a_switch_that_dies_turns_nobody_green_or_offline_and_it_is_told_since_when_nothing_is_known(
    people: People, impatient: GatewayProcess, switch: HttpSwitch
) -> None:
    anna, ben, carol, dora = [await people.add(str(1001 + number)) for number in range(4)]
    domain = people.company.domain
    async with await people.connect(dora, impatient, available=False) as watcher:
        parties = (f"1002@{domain}", "caller"), (f"1003@{domain}", "callee")
        alive_at = int(time.time())
        await switch.send(*(switch.device_up(f"{extension}@{domain}", ttl=600) for extension in (1001, 1002)))
        await switch.send(switch.call("c1", "active", *parties))
        await watcher.sees(ben, colour=Colour.RED)
        await watcher.sees(carol, colour=Colour.RED)
        dead_at = int(time.time())
        for user in (anna, ben, carol):
            since = (await watcher.sees(user, unknown_since=watcher.seen(user).unknown_since or ANY)).unknown_since
            assert alive_at - HEARD_APART <= since <= dead_at
        # First the colours stand, marked as old; later nobody stays red for a call that may be over.
        assert watcher.seen(anna).colour is Colour.GREEN
        for user in (ben, carol):
            await watcher.sees(user, calls="none")
            assert watcher.seen(user).unknown_since > 0
        for user in (anna, ben, carol):
            certain = [each.colour for each in history_of(watcher, user) if not each.unknown_since]
            assert Colour.OFFLINE not in certain
            assert user == anna or certain[-1] is Colour.RED
        # It is back, and says that the call goes on. Who asks is there before: no call lasts long here.
        b = await people.connect(ben, impatient, available=False)
        switch.restart()
        listed = [
            {"user": f"{extension}@{domain}", "device": "d1", "rev": [switch.now, 1], "ttl": 600}
            for extension in (1001, 1002)
        ]
        told = [{"user": user, "role": role} for user, role in parties]
        await switch.send_snapshot(devices=listed, calls=[{"call": "c1", "phase": "active", "parties": told}])
        async with b, beating(switch, SILENT / 10):
            await watcher.sees(ben, colour=Colour.RED, unknown_since=0)
            await watcher.sees(carol, colour=Colour.RED, unknown_since=0)
            await watcher.sees(anna, colour=Colour.GREEN, unknown_since=0)
            past = (await b.ask(Why(user=ben), Explained)).explanation.history
    # What nobody knew is written down as that, since the last word, although the colour was red before and after.
    assert [unknown for unknown, _ in groupby(each.unknown for each in past)] == [False, True, False]
    assert past[-1].colour is Colour.RED
    first_unknown = next(each for each in past if each.unknown)
    assert first_unknown.colour is Colour.RED
    assert alive_at - HEARD_APART <= first_unknown.at <= dead_at
    assert [each.at for each in past] == sorted(each.at for each in past)


class _AnyTime:
    """Equal to every time that is one."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, int) and other > 0

    __hash__ = None  # type: ignore[assignment]


ANY = _AnyTime()
