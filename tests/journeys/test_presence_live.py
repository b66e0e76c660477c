"""A device registers, a colour changes, watchers see it: over real sockets and real gateway processes."""

import asyncio
from collections.abc import Callable

from redis.asyncio import Redis

from storage.embedded import EmbeddedServers
from storage.redis import keys
from storage.redis.client import make_client
from tests.support.client import Client, open_websocket
from tests.support.company import Company
from tests.support.gateway import GatewayProcess, People
from tests.support.http import http_client
from wire.codec import Subprotocol
from wire.commands import (
    CallPhase,
    Connect,
    GetPresence,
    RegisterDevice,
    ReportCall,
    SetAppearOffline,
    SetAvailable,
    SetDnd,
    SetStatus,
    UnregisterDevice,
    Watch,
    WatchMode,
    Why,
)
from wire.errors import CloseCode, ErrorCode
from wire.events import PresenceChanged, PresenceSnapshot, Reconnect
from wire.identity import Scope, UserId
from wire.records import Calls, Colour, Reason
from wire.replies import Connected, DeviceRegistered, Done, Explained, Watching


async def test_do_not_disturb_turns_a_user_red_for_the_others_with_the_reason(people: People) -> None:
    anna, ben = await people.add("1001"), await people.add("1002")
    async with await people.connect(anna) as a, await people.connect(ben) as b:
        await b.sees(anna, colour=Colour.BLUE)
        await a.ask(SetDnd(on=True), Done)
        seen = await b.sees(anna, colour=Colour.RED)
        assert (seen.reason, seen.dnd, seen.chat) == (Reason.DO_NOT_DISTURB, True, True)
        await a.ask(SetDnd(on=False), Done)
        await b.sees(anna, colour=Colour.BLUE, dnd=False)


async def test_who_leaves_is_offline_soon_and_do_not_disturb_outlives_the_connection(people: People) -> None:
    anna, ben = await people.add("1001"), await people.add("1002")
    async with await people.connect(ben) as b:
        a = await people.connect(anna)
        await b.sees(anna, colour=Colour.BLUE)
        await a.close()
        await b.sees(anna, colour=Colour.OFFLINE, chat=False)
        async with await people.connect(anna) as again:
            await again.ask(SetDnd(on=True), Done)
        await b.sees(anna, colour=Colour.RED, chat=False)


async def test_a_device_is_green_until_it_is_unregistered(people: People) -> None:
    anna, ben = await people.add("1001"), await people.add("1002")
    async with await people.connect(anna, available=False) as a, await people.connect(ben) as b:
        await a.ask(RegisterDevice(device="soft", ttl=60), DeviceRegistered)
        seen = await b.sees(anna, colour=Colour.GREEN)
        assert (seen.phone, seen.chat) == (True, False)
        await a.ask(UnregisterDevice(device="soft"), Done)
        await b.sees(anna, colour=Colour.OFFLINE)


async def test_a_call_shows_its_phases(people: People) -> None:
    anna, ben = await people.add("1001"), await people.add("1002")
    async with await people.connect(anna) as a, await people.connect(ben) as b:
        await a.ask(ReportCall(call="c1", phase=CallPhase.RINGING), Done)
        await b.sees(anna, calls=Calls.RINGING, colour=Colour.BLUE)
        await a.ask(ReportCall(call="c1", phase=CallPhase.ACTIVE), Done)
        await b.sees(anna, calls=Calls.BUSY, colour=Colour.RED, reason=Reason.ON_THE_PHONE)
        await a.ask(ReportCall(call="c1", phase=CallPhase.ENDED), Done)
        await b.sees(anna, calls=Calls.NONE, colour=Colour.BLUE)
        await a.ask(ReportCall(call="c1", phase=CallPhase.RINGING), Done)
        await a.ask(SetDnd(on=True), Done)
        await b.sees(anna, dnd=True)
        assert b.seen(anna).calls is Calls.NONE, "a late ringing reopened a call that had ended"


async def test_who_appears_offline_sees_the_own_truth(people: People) -> None:
    anna, ben = await people.add("1001"), await people.add("1002")
    async with await people.connect(anna) as a, await people.connect(ben) as b:
        await a.ask(SetAppearOffline(on=True), Done)
        await b.sees(anna, colour=Colour.OFFLINE, chat=False)
        await a.ask(SetDnd(on=True), Done)
        await a.sees(anna, colour=Colour.RED, appears_offline=True)
        await b.ask(GetPresence(), Done)
        assert b.seen(anna).colour is Colour.OFFLINE
        await a.ask(SetDnd(on=False), Done)
        await a.ask(SetAppearOffline(on=False), Done)
        await b.sees(anna, colour=Colour.BLUE)


async def test_an_unlisted_user_is_seen_by_the_user_and_the_office_manager_only(people: People) -> None:
    anna = await people.add("1001", list_in_directory=False)
    ben, manager = await people.add("1002"), await people.add("1003", scope=int(Scope.OFFICE_MANAGER))
    async with (
        await people.connect(anna) as a,
        await people.connect(ben) as b,
        await people.connect(manager) as m,
    ):
        await a.sees(anna, colour=Colour.BLUE)
        await m.sees(anna, colour=Colour.BLUE)
        await a.ask(SetDnd(on=True), Done)
        await m.sees(anna, colour=Colour.RED)
        await b.ask(SetDnd(on=True), Done)
        await b.sees(ben, colour=Colour.RED)
        assert anna not in b.presence
        await b.ask(GetPresence(), Done)
        await b.receives(PresenceSnapshot)
        assert anna not in b.presence


async def test_a_session_that_is_not_available_lights_nothing(people: People) -> None:
    anna, ben = await people.add("1001"), await people.add("1002")
    async with await people.connect(anna) as a, await people.connect(ben) as b:
        await b.sees(anna, chat=True)
        await a.ask(SetAvailable(available=False), Done)
        await b.sees(anna, chat=False, colour=Colour.OFFLINE)


async def test_the_status_message_is_one_clean_line(people: People) -> None:
    anna, ben = await people.add("1001"), await people.add("1002")
    async with await people.connect(anna) as a, await people.connect(ben) as b:
        assert (await a.refused(SetStatus(message="two\nlines"))).field == "message"
        await a.ask(SetStatus(message='  At "lunch"   back / soon  '), Done)
        await b.sees(anna, message='At "lunch" back / soon')
        await a.ask(SetStatus(message=""), Done)
        await b.sees(anna, message="")


async def test_two_gateways_show_the_same(people: People, start_gateway: Callable[..., GatewayProcess]) -> None:
    other = start_gateway()
    anna, ben = await people.add("1001"), await people.add("1002")
    async with await people.connect(anna) as a, await people.connect(ben, other) as b:
        await a.sees(ben, colour=Colour.BLUE)
        await b.sees(anna, colour=Colour.BLUE)
        await a.ask(SetDnd(on=True), Done)
        await b.sees(anna, colour=Colour.RED)
        await b.ask(RegisterDevice(device="soft", ttl=60), DeviceRegistered)
        await a.sees(ben, phone=True)


async def test_a_killed_gateway_takes_its_users_blue_away_and_a_stopped_one_at_once(
    people: People, start_gateway: Callable[..., GatewayProcess]
) -> None:
    stopping = start_gateway()
    anna, ben = await people.add("1001"), await people.add("1002")
    async with await people.connect(ben) as b:
        a = await people.connect(anna, stopping)
        await b.sees(anna, chat=True)
        await asyncio.to_thread(stopping.stop)
        assert (await a.receives(Reconnect)).after > 0
        assert await a.closed() == CloseCode.GOING_AWAY
        await b.sees(anna, chat=False)


async def test_the_blue_of_a_killed_gateway_goes_with_its_lease(
    people: People, start_gateway: Callable[..., GatewayProcess], servers: EmbeddedServers
) -> None:
    """The lease is made to end early instead of waiting thirty seconds: the sweep must find it by itself."""
    dying = start_gateway(PRESENCE_GATEWAY_ID="dying")
    anna, ben = await people.add("1001"), await people.add("1002")
    async with await people.connect(ben) as b:
        a = await people.connect(anna, dying)
        await b.sees(anna, chat=True)
        dying.kill()
        await a.closed()
        redis = make_client(servers.redis_url)
        await redis.zadd(keys.presence_prefix(people.company.domain) + "gateways", {"dying": 1})
        await redis.aclose()
        await b.until(lambda: not b.seen(anna).chat, "the blue to go")


async def test_a_reconnect_with_a_position_gets_only_what_is_new(people: People) -> None:
    anna, ben, carla = [await people.add(extension) for extension in ("1001", "1002", "1003")]
    b = await people.connect(ben)
    async with await people.connect(anna) as a, await people.connect(carla) as c:
        await b.sees(anna, colour=Colour.BLUE)
        await b.sees(carla, colour=Colour.BLUE)
        await b.close()
        await c.sees(ben, colour=Colour.OFFLINE)
        position = b.position
        assert position is not None
        await a.ask(SetDnd(on=True), Done)
        await c.sees(anna, dnd=True)
        async with await people.connect(ben, position=position) as again:
            assert (await again.receives(Connected)).resumed
            changed = await again.receives(PresenceChanged)
            assert {each.user for each in changed.users} <= {anna, ben}
            assert not any(isinstance(each, PresenceSnapshot) for each in again.messages)
            await again.sees(anna, colour=Colour.RED)


async def test_a_foreign_position_leads_to_a_snapshot(people: People) -> None:
    anna = await people.add("1001")
    async with await people.connect(anna) as first:
        position = (await first.receives(Connected)).presence
    foreign = type(position)("another epoch", position.version)
    async with await people.connect(anna, position=foreign) as a:
        assert not (await a.receives(Connected)).resumed
        await a.receives(PresenceSnapshot)


async def test_an_emptied_redis_heals_without_anybody_doing_anything(people: People, servers: EmbeddedServers) -> None:
    anna, ben = await people.add("1001"), await people.add("1002")
    async with await people.connect(anna) as a, await people.connect(ben) as b:
        await a.ask(SetDnd(on=True), Done)
        before = (await b.receives(Connected)).presence.epoch
        await b.sees(anna, dnd=True, chat=True)
        redis: Redis = make_client(servers.redis_url)
        found = await redis.keys(keys.presence_prefix(people.company.domain) + "*")
        await redis.delete(*found)
        await redis.aclose()
        # Anything that happens finds it out at once; if nothing does, the next renewal of the lease.
        await b.ask(SetStatus(message="hello"), Done)
        await b.until(lambda: b.position is not None and b.position.epoch != before, "a new epoch")
        await b.sees(anna, dnd=True, chat=True, colour=Colour.RED)
        await a.sees(ben, message="hello", chat=True)


async def test_message_pack_says_the_same(people: People) -> None:
    anna, ben = await people.add("1001"), await people.add("1002")
    async with (
        await people.connect(anna) as a,
        await people.connect(ben, subprotocol=Subprotocol.MSGPACK) as b,
    ):
        await b.sees(anna, colour=Colour.BLUE)
        await b.ask(SetDnd(on=True), Done)
        await a.sees(ben, colour=Colour.RED)
        await b.sees(ben, colour=Colour.RED)


async def test_domains_are_walls_for_colours(people: People, gateway: GatewayProcess) -> None:
    stranger = People(people.pool, await Company.make(people.pool), gateway, people.password_hash)
    anna, ben = await people.add("1001"), await people.add("1002")
    other = await stranger.add("1001")
    async with await people.connect(ben) as b, await stranger.connect(other) as s:
        await s.ask(SetDnd(on=True), Done)
        await s.sees(other, colour=Colour.RED)
        await b.ask(SetDnd(on=True), Done)
        await b.sees(ben, colour=Colour.RED)
        assert anna == other, "the same number in both domains, or this test shows nothing"
        assert b.seen(anna).colour is Colour.OFFLINE
        assert not s.seen(ben).dnd


async def test_who_is_not_connected_first_is_told_so(gateway: GatewayProcess) -> None:
    async with await Client.open(gateway.url) as nobody:
        refused = await nobody.refused(SetDnd(on=True))
        assert refused.code is ErrorCode.NOT_LOGGED_IN
        await nobody.send(Connect(token="x" * 43 + ".nowhere.test"))
        assert await nobody.closed() == CloseCode.NOT_LOGGED_IN


async def test_an_unknown_subprotocol_is_closed_with_a_reason(gateway: GatewayProcess) -> None:
    websocket = await open_websocket(gateway.url, None)
    await websocket.wait_closed()
    assert websocket.close_code == CloseCode.UNKNOWN_SUBPROTOCOL


async def test_why_tells_what_is_behind_a_colour_to_oneself_and_to_a_manager(people: People) -> None:
    anna, ben = await people.add("1001"), await people.add("1002")
    manager = await people.add("1003", scope=int(Scope.OFFICE_MANAGER))
    async with (
        await people.connect(anna) as a,
        await people.connect(ben) as b,
        await people.connect(manager) as m,
    ):
        await a.ask(RegisterDevice(device="soft", ttl=60, label="Kitchen tablet"), DeviceRegistered)
        await a.ask(ReportCall(call="c1", phase=CallPhase.ACTIVE), Done)
        await a.sees(anna, colour=Colour.RED, chat=True, phone=True)
        for asking in (a, m):
            told = (await asking.ask(Why(user=anna), Explained)).explanation
            assert (told.presence.colour, told.presence.reason) == (Colour.RED, Reason.ON_THE_PHONE)
            device, call, session = told.devices[0], told.calls[0], told.sessions[0]
            assert (device.source, device.device, device.label, device.live) == (
                "portal",
                "soft",
                "Kitchen tablet",
                True,
            )
            assert 0 < device.expires_at - told.at <= 61
            assert (call.source, call.call, call.phase, call.counts) == ("portal", "c1", "active", True)
            assert session.live
            assert [each.colour for each in told.history][-1] is Colour.RED
        assert (await b.refused(Why(user=anna))).code is ErrorCode.NOT_ALLOWED
        assert (await m.refused(Why(user=UserId(999)))).code is ErrorCode.NOT_FOUND


async def test_why_says_nothing_of_an_unlisted_user_whom_one_does_not_manage(people: People) -> None:
    anna, ben = await people.add("1001", list_in_directory=False), await people.add("1002")
    async with await people.connect(ben) as b:
        assert (await b.refused(Why(user=anna))).code is ErrorCode.NOT_FOUND


async def test_a_client_that_names_users_gets_exactly_those(people: People) -> None:
    anna, ben, carla = [await people.add(extension) for extension in ("1001", "1002", "1003")]
    async with (
        await people.connect(anna) as a,
        await people.connect(ben) as b,
        await people.connect(carla) as c,
    ):
        assert (await c.ask(Watch(mode=WatchMode.SET, users=[anna]), Watching)).users == 1
        c.messages.clear()
        await b.ask(SetDnd(on=True), Done)
        await a.ask(SetDnd(on=True), Done)
        await c.sees(anna, colour=Colour.RED)
        told = [each for message in c.messages if isinstance(message, PresenceChanged) for each in message.users]
        assert {each.user for each in told} == {anna}

        assert (await c.ask(Watch(mode=WatchMode.ADD, users=[ben]), Watching)).users == 2
        await c.sees(ben, colour=Colour.RED)
        assert (await c.ask(Watch(mode=WatchMode.REMOVE, users=[anna]), Watching)).users == 1
        await a.ask(SetDnd(on=False), Done)
        await b.ask(SetDnd(on=False), Done)
        await c.sees(ben, dnd=False)
        assert c.seen(anna).dnd, "somebody who is no longer looked at was told of"

        assert (await c.ask(Watch(mode=WatchMode.EVERYBODY), Watching)).everybody
        await c.sees(anna, dnd=False)


async def test_naming_an_unlisted_user_shows_nothing(people: People) -> None:
    anna, ben = await people.add("1001", list_in_directory=False), await people.add("1002")
    async with await people.connect(anna) as a, await people.connect(ben) as b:
        await b.ask(Watch(mode=WatchMode.SET, users=[anna, ben]), Watching)
        await a.ask(SetDnd(on=True), Done)
        await a.sees(anna, colour=Colour.RED)
        await b.ask(SetDnd(on=True), Done)
        await b.sees(ben, colour=Colour.RED)
        assert anna not in b.presence


async def test_presence_over_http_is_what_sockets_see(people: People) -> None:
    anna, ben = await people.add("1001"), await people.add("1002")
    hidden = await people.add("1003", list_in_directory=False)
    async with (
        await people.connect(anna) as a,
        await people.connect(ben) as b,
        await people.connect(hidden),
        http_client(people.gateway.url) as http,
    ):
        await a.ask(SetDnd(on=True), Done)
        await b.sees(anna, colour=Colour.RED)
        http.headers["authorization"] = f"Bearer {await people.token(ben)}"
        one = (await http.get(f"/v1/presence/{anna}")).json()
        assert (one["colour"], one["reason"]) == ("red", "do_not_disturb")
        everybody = (await http.get("/v1/presence")).json()
        assert {each["user"] for each in everybody["users"]} == {anna, ben}
        named = (await http.get("/v1/presence", params={"users": f"{anna},{hidden}"})).json()
        assert [each["user"] for each in named["users"]] == [anna]
        assert "colour" not in (await http.get(f"/v1/presence/{hidden}")).json()
        assert (await http.get(f"/v1/presence/{anna}/why")).status_code == 403
        assert (await http.get("/v1/presence", params={"users": "1,x"})).json()["field"] == "users"
