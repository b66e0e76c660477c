"""Real SIP through a real Kamailio, seen by a client of a real gateway as colours."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.support.gateway import People
from tests.support.kamailio import Kamailio, Phone, kamailio_of, needs_kamailio
from wire.events import PresenceChanged
from wire.identity import UserId
from wire.records import Calls, Colour, Reason

pytestmark = needs_kamailio

EXTENSIONS = ("1001", "1002", "1003")


@pytest.fixture
async def office(people: People) -> list[UserId]:
    """The people behind the extensions."""
    return [await people.add(extension) for extension in EXTENSIONS]


@pytest.fixture
async def kamailio(people: People, office: list[UserId]) -> AsyncIterator[Kamailio]:
    async with kamailio_of(people, EXTENSIONS) as running:
        yield running


async def test_a_phone_that_registers_turns_its_owner_green_and_offline_when_it_expires(
    people: People, office: list[UserId], kamailio: Kamailio
) -> None:
    anna, ben, _ = office
    async with await people.connect(ben) as watcher:
        await Phone(kamailio, "1001").register(2)
        seen = await watcher.sees(anna, colour=Colour.GREEN)
        assert seen.phone
        await watcher.sees(anna, colour=Colour.OFFLINE, phone=False)


async def test_of_two_phones_the_last_one_to_unregister_turns_its_owner_offline(
    people: People, office: list[UserId], kamailio: Kamailio
) -> None:
    anna, ben, _ = office
    desk, mobile = Phone(kamailio, "1001"), Phone(kamailio, "1001")
    async with await people.connect(ben) as watcher:
        await desk.register(600)
        await mobile.register(600)
        await watcher.sees(anna, colour=Colour.GREEN)
        await desk.register(0)
        await mobile.register(0)
        await watcher.sees(anna, colour=Colour.OFFLINE)


async def test_a_call_is_seen_from_dialling_to_hanging_up(
    people: People, office: list[UserId], kamailio: Kamailio
) -> None:
    anna, ben, carol = office
    caller, callee = Phone(kamailio, "1001"), Phone(kamailio, "1002")
    async with await people.connect(carol) as watcher:
        await caller.register(600)
        await callee.register(600)
        await watcher.sees(ben, colour=Colour.GREEN)
        answering = asyncio.create_task(callee.answer_a_call(ring_ms=700))
        calling = asyncio.create_task(caller.call("1002", pause_ms=300))
        await watcher.sees(anna, colour=Colour.RED, reason=Reason.ON_THE_PHONE)
        await watcher.sees(ben, colour=Colour.GREEN, calls=Calls.RINGING)
        await watcher.sees(ben, colour=Colour.RED, calls=Calls.BUSY)
        await watcher.sees(anna, colour=Colour.GREEN, calls=Calls.NONE)
        await watcher.sees(ben, colour=Colour.GREEN, calls=Calls.NONE)
        await asyncio.gather(calling, answering)


async def test_a_feature_code_sets_do_not_disturb_and_the_switch_keeps_to_it(
    people: People, office: list[UserId], kamailio: Kamailio
) -> None:
    anna, ben, _ = office
    phone = Phone(kamailio, "1001")
    async with await people.connect(ben) as watcher:
        await phone.dial_code("*78")
        await watcher.sees(anna, colour=Colour.RED, reason=Reason.DO_NOT_DISTURB)
        await Phone(kamailio, "1002").dial_code("1001", answer=486)
        await phone.dial_code("*79")
        await watcher.sees(anna, colour=Colour.OFFLINE, dnd=False)


async def test_nobody_speaks_for_anybody_else(people: People, office: list[UserId], kamailio: Kamailio) -> None:
    anna, ben, carol = office
    stranger = Phone(kamailio, "1001", password="guessed")
    colleague = Phone(kamailio, "1002")
    async with await people.connect(carol) as watcher:
        await stranger.register(600, answer=401)
        await stranger.dial_code("*78", answer=407)
        await colleague.register(600, user="1001", answer=403)
        await colleague.dial_code("*78", user="1001", answer=403)
        # What is told next was told after all of that.
        await colleague.register(600)
        await watcher.sees(ben, colour=Colour.GREEN)
        assert watcher.seen(anna).colour is Colour.OFFLINE


async def test_a_switch_that_starts_again_loses_nobody(
    people: People, office: list[UserId], kamailio: Kamailio
) -> None:
    anna, ben, carol = office
    async with await people.connect(ben) as watcher:
        await Phone(kamailio, "1001").register(600)
        await watcher.sees(anna, colour=Colour.GREEN)
        await kamailio.stop()
        await kamailio.start()
        # What this one tells comes after everything that a new life begins with.
        await Phone(kamailio, "1003").register(600)
        await watcher.sees(carol, colour=Colour.GREEN)
    told = [each for message in watcher.messages if isinstance(message, PresenceChanged) for each in message.users]
    assert {each.colour for each in told if each.user == anna} == {Colour.GREEN}
