"""Real SIP through a real Kamailio, seen by a client of a real gateway as colours."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable

import pytest

from storage.embedded import EmbeddedServers
from tests.support.client import WAIT, Client
from tests.support.doorway import doorway
from tests.support.gateway import GatewayProcess, People
from tests.support.http import http_client
from tests.support.kamailio import Kamailio, Phone, kamailio_of, needs_kamailio, register_all
from tests.support.operator import Operator
from wire.commands import SetDnd, Why
from wire.events import PresenceChanged
from wire.identity import UserId
from wire.records import Calls, Colour, Presence, Reason
from wire.replies import Done, Explained

pytestmark = needs_kamailio

EXTENSIONS = ("1001", "1002", "1003")
CROWD = 200
MOMENT_MS = 2_000
"""What shall be seen has to last: on a busy machine, the switch tells several things at once, and the last counts."""


@pytest.fixture
async def office(people: People) -> list[UserId]:
    """The people behind the extensions."""
    return [await people.add(extension) for extension in EXTENSIONS]


@pytest.fixture
def operator(database_url: str, servers: EmbeddedServers) -> Operator:
    return Operator(database_url, servers.redis_url)


@pytest.fixture
async def kamailio(people: People, office: list[UserId]) -> AsyncIterator[Kamailio]:
    async with kamailio_of(people, EXTENSIONS) as running:
        yield running


async def test_a_phone_that_registers_turns_its_owner_green_and_offline_when_it_expires(
    people: People, office: list[UserId], kamailio: Kamailio
) -> None:
    anna, ben, _ = office
    async with await people.connect(ben) as watcher:
        phone = Phone(kamailio, "1001")
        await phone.register(600)
        seen = await watcher.sees(anna, colour=Colour.GREEN)
        assert seen.phone
        await phone.register(2)
        await watcher.sees(anna, colour=Colour.OFFLINE, phone=False)


async def test_of_two_phones_one_expires_and_the_last_one_to_unregister_turns_its_owner_offline(
    people: People, office: list[UserId], kamailio: Kamailio
) -> None:
    anna, ben, _ = office
    desk, mobile = Phone(kamailio, "1001"), Phone(kamailio, "1001")
    async with await people.connect(ben) as watcher, await people.connect(anna, available=False) as own:
        await desk.register(600)
        await watcher.sees(anna, colour=Colour.GREEN)
        await mobile.register(600)
        await until_live_phones(own, anna, 2)
        await mobile.register(2)
        await desk.register(600)
        # What another phone tells comes after the refresh, which nobody was told of.
        await Phone(kamailio, "1003").register(600)
        await watcher.sees(office[2], colour=Colour.GREEN)
        await until_live_phones(own, anna, 1)
        assert colours_of(watcher, anna) == [Colour.GREEN]
        await desk.register(0)
        await watcher.sees(anna, colour=Colour.OFFLINE)


async def test_a_call_is_seen_from_dialling_over_holding_to_hanging_up(
    people: People, office: list[UserId], kamailio: Kamailio
) -> None:
    anna, ben, carol = office
    caller, callee = Phone(kamailio, "1001"), Phone(kamailio, "1002")
    async with await people.connect(carol) as watcher, await people.connect(anna, available=False) as own:
        await caller.register(600)
        await callee.register(600)
        await watcher.sees(ben, colour=Colour.GREEN)
        answering = asyncio.create_task(callee.answer_a_call(ring_ms=MOMENT_MS))
        calling = asyncio.create_task(caller.call("1002", pause_ms=MOMENT_MS))
        await watcher.sees(anna, colour=Colour.RED, reason=Reason.ON_THE_PHONE)
        await watcher.sees(ben, colour=Colour.GREEN, calls=Calls.RINGING)
        await watcher.sees(ben, colour=Colour.RED, calls=Calls.BUSY)
        while "held" not in (phases := await phases_of(own, anna)):
            assert phases, "the call ended without having been held"
            await asyncio.sleep(0.05)
        assert watcher.seen(anna).colour is watcher.seen(ben).colour is Colour.RED
        await watcher.sees(anna, colour=Colour.GREEN, calls=Calls.NONE)
        await watcher.sees(ben, colour=Colour.GREEN, calls=Calls.NONE)
        await asyncio.gather(calling, answering)


async def test_a_caller_who_gives_up_is_red_while_it_rings_and_green_again(
    people: People, office: list[UserId], kamailio: Kamailio
) -> None:
    anna, ben, carol = office
    caller, callee = Phone(kamailio, "1001"), Phone(kamailio, "1002")
    async with await people.connect(carol) as watcher:
        await caller.register(600)
        await callee.register(600)
        await watcher.sees(ben, colour=Colour.GREEN)
        ringing = asyncio.create_task(callee.ring_until_cancelled())
        calling = asyncio.create_task(caller.give_up_calling("1002", ring_ms=MOMENT_MS))
        await watcher.sees(anna, colour=Colour.RED, reason=Reason.ON_THE_PHONE)
        await watcher.sees(ben, colour=Colour.GREEN, calls=Calls.RINGING)
        await watcher.sees(anna, colour=Colour.GREEN, calls=Calls.NONE)
        await watcher.sees(ben, colour=Colour.GREEN, calls=Calls.NONE)
        await asyncio.gather(calling, ringing)


async def test_a_call_to_a_busy_phone_leaves_both_green(
    people: People, office: list[UserId], kamailio: Kamailio
) -> None:
    anna, ben, carol = office
    caller, callee = Phone(kamailio, "1001"), Phone(kamailio, "1002")
    async with await people.connect(carol) as watcher:
        await caller.register(600)
        await callee.register(600)
        await watcher.sees(ben, colour=Colour.GREEN)
        refusing = asyncio.create_task(callee.refuse_a_call(ring_ms=MOMENT_MS))
        calling = asyncio.create_task(caller.dial_code("1002", answer=486))
        await watcher.sees(anna, colour=Colour.RED, reason=Reason.ON_THE_PHONE)
        await watcher.sees(ben, colour=Colour.GREEN, calls=Calls.RINGING)
        await watcher.sees(anna, colour=Colour.GREEN, calls=Calls.NONE)
        await watcher.sees(ben, colour=Colour.GREEN, calls=Calls.NONE)
        await asyncio.gather(calling, refusing)


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


async def test_do_not_disturb_set_in_the_portal_is_carried_out_by_the_switch_and_told_to_the_phone(
    people: People, office: list[UserId], kamailio: Kamailio
) -> None:
    anna, ben, _ = office
    async with await people.connect(ben) as watcher, await people.connect(anna, available=False) as own:
        phone = asyncio.create_task(Phone(kamailio, "1001").hear_of_dnd(True))
        await kamailio.until_logged("presence: features of 1001")
        await own.ask(SetDnd(on=True), Done)
        await watcher.sees(anna, colour=Colour.RED, reason=Reason.DO_NOT_DISTURB, dnd_pending=False)
        await phone
        # The switch itself refuses the call: nobody's phone rings.
        await Phone(kamailio, "1002").dial_code("1001", answer=486)
        await own.ask(SetDnd(on=False), Done)
        await watcher.sees(anna, colour=Colour.OFFLINE, dnd=False, dnd_pending=False)
        await Phone(kamailio, "1002").dial_code("1001", answer=480)
    # Of what happens at once only the last is told; but nothing is told twice, or taken back.
    pending = "".join("waits " if each.dnd_pending else "done " for each in told_of(watcher, anna))
    assert re.fullmatch("(waits )?done (waits )?done ", pending)


async def test_do_not_disturb_waits_for_a_switch_that_is_down_and_is_shown_as_waiting(
    people: People, office: list[UserId], kamailio: Kamailio
) -> None:
    anna, ben, _ = office
    async with await people.connect(ben) as watcher, await people.connect(anna, available=False) as own:
        await kamailio.stop()
        await own.ask(SetDnd(on=True), Done)
        assert (await watcher.sees(anna, dnd_pending=True)).dnd
        await kamailio.start()
        await watcher.sees(anna, dnd=True, dnd_pending=False)
        await Phone(kamailio, "1002").dial_code("1001", answer=486)


async def test_a_name_that_is_changed_in_the_portal_resyncs_the_phones(
    people: People, office: list[UserId], kamailio: Kamailio
) -> None:
    anna, ben, _ = office
    phone = Phone(kamailio, "1001")
    async with await people.connect(ben) as watcher:
        await phone.register(600)
        await watcher.sees(anna, colour=Colour.GREEN)
    resynced = asyncio.create_task(phone.hear_of_a_resync())
    headers = {"Authorization": f"Bearer {await people.token(anna)}"}
    async with http_client(people.gateway.url, headers=headers) as http:
        assert (await http.patch("/v1/profile", json={"last_name": "Berg"})).status_code == 200
    await resynced


@pytest.mark.parametrize(
    ("method", "path", "token", "content", "status"),
    [
        ("PUT", "/dnd", "wrong", b'{"user":"1001@DOMAIN","rev":1,"on":true}', 401),
        ("POST", "/dnd", "", b'{"user":"1001@DOMAIN","rev":1,"on":true}', 404),
        ("PUT", "/RPC", "", b"{}", 404),
        ("PUT", "/dnd", "", b"{", 422),
        ("PUT", "/dnd", "", b'{"user":"1001","rev":1,"on":true}', 422),
        ("PUT", "/dnd", "", b'{"user":"1001@DOMAIN","rev":1}', 422),
    ],
)
async def test_what_is_no_command_is_refused_by_the_switch(
    kamailio: Kamailio, method: str, path: str, token: str, content: bytes, status: int
) -> None:
    async with http_client() as http:
        headers = {"Authorization": f"Bearer {token or kamailio.command_token}", "Content-Type": "application/json"}
        content = content.replace(b"DOMAIN", kamailio.domain.encode())
        answer = await http.request(method, kamailio.commands_url + path, content=content, headers=headers)
        assert answer.status_code == status
        # Nor does the port for SIP take it, with whatever token.
        url = f"http://127.0.0.1:{kamailio.port}{path}"
        assert (await http.request(method, url, content=content, headers=headers)).status_code == 404


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


@pytest.mark.parametrize("is_killed", [False, True], ids=["stopped", "killed"])
async def test_a_switch_that_starts_again_loses_nobody(
    people: People, office: list[UserId], kamailio: Kamailio, is_killed: bool
) -> None:
    anna, ben, carol = office
    async with await people.connect(ben) as watcher:
        await Phone(kamailio, "1001").register(600)
        await watcher.sees(anna, colour=Colour.GREEN)
        if is_killed:
            await kamailio.until_kept("1001")
            await kamailio.kill()
        else:
            await kamailio.stop()
        await kamailio.start()
        # What this one tells comes after everything that a new life begins with.
        await Phone(kamailio, "1003").register(600)
        await watcher.sees(carol, colour=Colour.GREEN)
        assert colours_of(watcher, anna) == [Colour.GREEN]


async def test_what_happens_while_the_gateway_is_down_is_seen_once_it_is_back(
    people: People, office: list[UserId], start_gateway: Callable[..., GatewayProcess]
) -> None:
    anna, ben, carol = office
    ingesting = await asyncio.to_thread(start_gateway)
    async with (
        kamailio_of(people, EXTENSIONS, url=ingesting.url) as kamailio,
        await people.connect(carol) as watcher,
    ):
        desk = Phone(kamailio, "1001")
        await desk.register(600)
        await watcher.sees(anna, colour=Colour.GREEN)
        await asyncio.to_thread(ingesting.kill)
        await desk.register(0)
        await Phone(kamailio, "1002").register(600)
        again = await asyncio.to_thread(start_gateway, ingesting.port)
        await watcher.sees(anna, colour=Colour.OFFLINE)
        await watcher.sees(ben, colour=Colour.GREEN)
        await asyncio.to_thread(again.stop)


async def test_a_batch_that_got_lost_is_noticed_and_healed(people: People, office: list[UserId]) -> None:
    anna, _, carol = office
    async with (
        doorway(people.gateway.url) as door,
        kamailio_of(people, EXTENSIONS, url=door.url) as kamailio,
        await people.connect(carol) as watcher,
    ):
        desk = Phone(kamailio, "1001")
        await desk.register(600)
        await watcher.sees(anna, colour=Colour.GREEN)
        door.refusing = 1
        await desk.register(0)
        await watcher.sees(anna, colour=Colour.OFFLINE)
        assert [event["op"] for batch in door.refused for event in batch["events"]] == ["unregistered"]


async def test_what_an_operator_removes_by_hand_is_seen(
    people: People, office: list[UserId], kamailio: Kamailio, operator: Operator
) -> None:
    anna, ben, carol = office
    async with await people.connect(carol) as watcher:
        await Phone(kamailio, "1001").register(600)
        await Phone(kamailio, "1002").dial_code("*78")
        await watcher.sees(anna, colour=Colour.GREEN)
        await watcher.sees(ben, colour=Colour.RED)
        # Kamailio says nothing of either: only its own list shows it, asked for now instead of within ten minutes.
        await kamailio.command("ul.rm", "location", f"1001@{kamailio.domain}")
        await kamailio.command("htable.delete", "dnd", f"1002@{kamailio.domain}")
        assert (await operator.types("resync", kamailio.source)).exit_code == 0
        await watcher.sees(ben, colour=Colour.OFFLINE, dnd=False)
        await watcher.sees(anna, colour=Colour.OFFLINE)


async def test_a_batch_of_hundreds_of_registrations_leaves_the_queue(people: People) -> None:
    """Strings of Kamailio end at pv_buffer_size: one batch beyond it would stay in front of all others for ever."""
    extensions = [str(2000 + number) for number in range(CROWD)]
    crowd = [await people.add(extension) for extension in extensions]
    watcher = await people.add("1001")
    async with (
        doorway(people.gateway.url) as door,
        kamailio_of(people, extensions, url=door.url) as kamailio,
        await people.connect(watcher) as client,
    ):
        people.gateway.suspend()
        try:
            await register_all(kamailio, extensions, agent="Phone/" + "x" * 230)
        finally:
            people.gateway.resume()
        for user in crowd:
            await client.sees(user, colour=Colour.GREEN)
        assert door.largest > 60_000, "no batch was large"
        assert "DATA has no value" not in kamailio.log


# ------------------------------------------------------------ what is known


async def until_live_phones(client: Client, user: UserId, count: int) -> None:
    """Asks until it is so: nobody is told when only one of several phones comes or goes."""
    async with asyncio.timeout(WAIT):
        while True:
            devices = (await client.ask(Why(user=user), Explained)).explanation.devices
            if sum(device.live for device in devices) == count:
                return
            await asyncio.sleep(0.05)


async def phases_of(client: Client, user: UserId) -> set[str]:
    explained = await client.ask(Why(user=user), Explained)
    return {call.phase for call in explained.explanation.calls if call.counts and call.phase != "ended"}


def told_of(client: Client, user: UserId) -> list[Presence]:
    """Everything that the client was told of somebody after the snapshot, in order."""
    told = [each for message in client.messages if isinstance(message, PresenceChanged) for each in message.users]
    return [each for each in told if each.user == user]


def colours_of(client: Client, user: UserId) -> list[Colour]:
    """All the colours that the client was shown, in order, without repetitions."""
    shown = [each.colour for each in told_of(client, user)]
    return [colour for position, colour in enumerate(shown) if position == 0 or colour is not shown[position - 1]]
