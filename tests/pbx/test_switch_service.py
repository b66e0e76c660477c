"""What a switch says becomes the colours of people, whatever happens to its messages on the way."""

import asyncio
from typing import Any

import pytest

from pbx.sequence import GAP_PATIENCE
from storage.postgres.pool import Pool
from tests.support.company import Company
from tests.support.switches import START_MS, Office, Telephony
from wire.errors import Invalid, NotLoggedIn
from wire.records import Calls, Colour

OFFLINE, GREEN, RED = Colour.OFFLINE, Colour.GREEN, Colour.RED


# ------------------------------------------------------------ registrations


async def test_a_registered_phone_turns_its_owner_green_until_the_lease_ends(office: Office) -> None:
    taken = await office.switch.send(office.switch.device_up(office.alice_address, ttl=60))
    assert (taken.ack, taken.applied, taken.resync) == (1, 1, False)
    assert await office.colours() == (GREEN, OFFLINE)
    office.telephony.pass_seconds(65)
    assert await office.colours() == (GREEN, OFFLINE)
    office.telephony.pass_seconds(2)
    assert await office.colours() == (OFFLINE, OFFLINE)


async def test_a_lease_runs_down_while_the_event_waits_in_the_switch(office: Office) -> None:
    event = office.switch.device_up(office.alice_address, ttl=60)
    office.switch.now += 50
    await office.switch.send(event)
    office.telephony.pass_seconds(17)
    assert await office.colours() == (OFFLINE, OFFLINE)


async def test_a_switch_whose_clock_went_back_is_believed_again_when_what_it_told_has_run_out(office: Office) -> None:
    await office.switch.send(office.switch.device_up(office.alice_address, ttl=60))
    office.switch.now -= 3_600
    office.telephony.pass_seconds(40)
    await office.switch.send(office.switch.device_up(office.alice_address, ttl=60))
    office.telephony.pass_seconds(27)
    assert await office.colours() == (OFFLINE, OFFLINE)
    await office.switch.send(office.switch.device_up(office.alice_address, ttl=60))
    assert await office.colours() == (GREEN, OFFLINE)


async def test_an_unregistered_phone_turns_its_owner_offline(office: Office) -> None:
    up = office.switch.device_up(office.alice_address)
    down = office.switch.tell("device.down", user=office.alice_address, device="d1", rev=up["rev"])
    await office.switch.send(up, down)
    assert await office.colours() == (OFFLINE, OFFLINE)


async def test_the_end_of_an_old_registration_does_not_end_a_new_one(office: Office) -> None:
    old = office.switch.device_up(office.alice_address, rev=[100, 1])
    new = office.switch.device_up(office.alice_address, rev=[200, 1])
    late = office.switch.tell("device.down", user=office.alice_address, device="d1", rev=[100, 1])
    await office.switch.send(old, new, late)
    assert await office.colours() == (GREEN, OFFLINE)


async def test_a_full_list_heals_what_was_lost(office: Office) -> None:
    await office.switch.send(office.switch.device_up(office.alice_address, "d1", rev=[100, 1]))
    await office.switch.send(office.switch.tell("devices", user=office.alice_address, devices=[]))
    assert await office.colours() == (OFFLINE, OFFLINE)


async def test_a_list_read_before_a_registration_does_not_undo_it(office: Office) -> None:
    up = office.switch.device_up(office.alice_address, rev=[office.switch.now, 1])
    stale = office.switch.tell("devices", user=office.alice_address, devices=[], at=office.switch.now + 1)
    await office.switch.send(up, stale)
    assert await office.colours() == (GREEN, OFFLINE)


async def test_a_fax_registers_without_turning_anybody_green(office: Office) -> None:
    await office.switch.send(office.switch.device_up(office.alice_address, ignore_for_presence=True))
    assert await office.colours() == (OFFLINE, OFFLINE)


# ------------------------------------------------------------ calls and Do Not Disturb


async def test_a_call_from_dialling_to_hanging_up(office: Office) -> None:
    parties = (office.alice_address, "caller"), (office.bob_address, "callee")
    await office.switch.send(office.switch.device_up(office.alice_address), office.switch.device_up(office.bob_address))
    seen = []
    for phase in ("trying", "ringing", "active", "held", "active", "ended"):
        office.switch.now += 1
        await office.switch.send(office.switch.call("c1", phase, *parties))
        seen.append(await office.colours())
    assert seen == [(RED, GREEN), (RED, GREEN), (RED, RED), (RED, RED), (RED, RED), (GREEN, GREEN)]


async def test_a_ringing_phone_is_shown_as_ringing(office: Office) -> None:
    await office.switch.send(office.switch.device_up(office.bob_address))
    await office.switch.send(office.switch.call("c1", "ringing", (office.bob_address, "callee")))
    found = await office.telephony.presence_of(office.domain, office.bob)
    assert (found.colour, found.calls) == (GREEN, Calls.RINGING)


async def test_a_late_ringing_does_not_reopen_a_call_that_has_ended(office: Office) -> None:
    late = office.switch.call("c1", "ringing", (office.alice_address, "caller"))
    await office.switch.send(office.switch.call("c1", "ended", (office.alice_address, "caller")))
    await office.switch.send(late)
    assert await office.colours() == (OFFLINE, OFFLINE)


async def test_do_not_disturb_at_the_switch_is_red_and_the_portal_may_end_it(office: Office) -> None:
    await office.switch.send(office.switch.tell("dnd", user=office.alice_address, on=True))
    assert await office.colours() == (RED, OFFLINE)
    await office.telephony.presence.set_dnd(office.domain, office.alice, False)
    assert await office.colours() == (OFFLINE, OFFLINE)
    await office.switch.send_snapshot(dnd=[office.alice_address])
    assert await office.colours() == (OFFLINE, OFFLINE)


async def test_of_two_words_about_do_not_disturb_the_later_one_counts(office: Office) -> None:
    first = office.switch.tell("dnd", user=office.alice_address, on=True)
    second = office.switch.tell("dnd", user=office.alice_address, on=False)
    await office.switch.send(second)
    await office.switch.send(first)
    assert await office.colours() == (OFFLINE, OFFLINE)


# ------------------------------------------------------------ repeated, reordered, lost


async def test_a_batch_that_is_sent_again_changes_nothing(office: Office) -> None:
    batch = office.switch.batch(office.switch.device_up(office.alice_address, ttl=60))
    await office.switch.post(batch)
    office.telephony.pass_seconds(30)
    taken = await office.switch.post(batch)
    assert (taken.ack, taken.applied, taken.repeated) == (1, 0, 1)
    office.telephony.pass_seconds(37)
    assert await office.colours() == (OFFLINE, OFFLINE)


async def test_an_overtaken_number_still_counts(office: Office) -> None:
    first = office.switch.device_up(office.alice_address)
    second = office.switch.device_up(office.bob_address)
    assert (await office.switch.send(second)).ack == 0
    taken = await office.switch.send(first)
    assert (taken.ack, taken.applied, taken.resync) == (2, 1, False)
    assert await office.colours() == (GREEN, GREEN)


async def test_a_lost_event_is_noticed_by_the_next_heartbeat_and_healed_by_a_snapshot(office: Office) -> None:
    office.switch.device_up(office.alice_address)
    assert (await office.switch.send()).resync
    assert (await office.switch.send(office.switch.device_up(office.bob_address))).resync
    listed = [{"user": office.alice_address, "device": "d1", "rev": [office.switch.now, 1], "ttl": 60}]
    office.switch.now += 5
    taken = await office.switch.send_snapshot(devices=[*listed])
    assert (taken.complete, taken.devices) == (True, 1)
    assert not (await office.switch.send()).resync
    assert await office.colours() == (GREEN, OFFLINE)


async def test_a_hole_behind_younger_events_is_noticed_after_a_moment(office: Office) -> None:
    office.switch.tell("dnd", user=office.alice_address, on=True)
    assert not (await office.switch.send(office.switch.device_up(office.bob_address))).resync
    office.telephony.pass_seconds(GAP_PATIENCE)
    assert (await office.switch.send(office.switch.device_up(office.bob_address))).resync


async def test_a_switch_that_starts_again_is_asked_for_everything_and_nobody_is_lost_meanwhile(office: Office) -> None:
    await office.switch.send(office.switch.device_up(office.alice_address))
    office.switch.restart()
    taken = await office.switch.send(office.switch.device_up(office.bob_address))
    assert (taken.ack, taken.applied, taken.resync) == (1, 1, True)
    assert await office.colours() == (GREEN, GREEN)


async def test_a_late_batch_of_the_life_before_is_passed_over(office: Office) -> None:
    late = office.switch.batch(office.switch.device_up(office.alice_address))
    office.switch.restart()
    await office.switch.send_snapshot()
    taken = await office.switch.post(late)
    assert (taken.applied, taken.repeated, taken.resync) == (0, 1, False)
    assert await office.colours() == (OFFLINE, OFFLINE)


async def test_two_gateways_may_take_the_same_batch_at_once(office: Office) -> None:
    events = [office.switch.device_up(office.alice_address, f"d{number}") for number in range(20)]
    batches = [office.switch.batch(*events[start : start + 5]) for start in (0, 5, 10, 15, 0, 5)]
    taken = await asyncio.gather(*(office.switch.post(batch) for batch in batches))
    assert not any(one.resync for one in taken)
    assert (await office.switch.send()).ack == 20


# ------------------------------------------------------------ silence


async def live_through(office: Office, seconds: int) -> None:
    """With a gateway that sweeps now and then, as in life."""
    for _ in range(0, seconds, 5):
        office.telephony.pass_seconds(5)
        await office.telephony.presence.sweep(office.domain)


async def unknown_since(office: Office) -> int:
    return (await office.telephony.presence_of(office.domain, office.alice)).unknown_since


async def test_while_a_switch_is_silent_its_word_is_shown_as_old_until_it_speaks_again(office: Office) -> None:
    switch = office.switch
    await switch.send()
    await switch.send(switch.device_up(office.alice_address, ttl=60))
    await live_through(office, 10)
    assert await unknown_since(office) == 0
    await live_through(office, 20)
    assert await unknown_since(office) == START_MS // 1000
    assert await office.colours() == (GREEN, OFFLINE)
    await switch.send()
    assert await unknown_since(office) == 0
    assert await office.colours() == (GREEN, OFFLINE)


async def test_a_switch_that_starts_again_is_certain_only_after_its_snapshot(office: Office) -> None:
    switch = office.switch
    await switch.send()
    await switch.send(switch.device_up(office.alice_address, ttl=600))
    await live_through(office, 20)
    switch.restart()
    await switch.send()
    assert await unknown_since(office) > 0
    listed = {"user": office.alice_address, "device": "d1", "rev": [switch.now, 1], "ttl": 580}
    await switch.send_snapshot(devices=[listed])
    assert await unknown_since(office) == 0
    assert await office.colours() == (GREEN, OFFLINE)


async def test_a_switch_that_never_sent_a_heartbeat_is_not_missed(office: Office) -> None:
    await office.switch.send(office.switch.device_up(office.alice_address, ttl=600))
    office.telephony.pass_seconds(60)
    assert await unknown_since(office) == 0
    assert await office.colours() == (GREEN, OFFLINE)


async def test_a_busy_switch_tells_presence_that_it_is_there_every_few_seconds_only(office: Office) -> None:
    switch = office.switch
    await switch.send()
    for _ in range(10):
        office.telephony.pass_seconds(2)
        await switch.send(switch.device_up(office.bob_address))
    await switch.send(switch.device_up(office.alice_address))
    assert await unknown_since(office) == 0
    office.telephony.pass_seconds(14)
    assert await unknown_since(office) == 0


# ------------------------------------------------------------ snapshots


async def test_a_snapshot_replaces_everything_of_its_source(office: Office) -> None:
    switch = office.switch
    await switch.send(
        switch.device_up(office.alice_address, "gone", rev=[100, 1]),
        switch.call("over", "active", (office.bob_address, "callee")),
    )
    assert await office.colours() == (GREEN, RED)
    switch.now += 60
    taken = await switch.send_snapshot(
        devices=[{"user": office.bob_address, "device": "d9", "rev": [switch.now, 1], "ttl": 60}],
        calls=[{"call": "c2", "phase": "active", "parties": [{"user": office.alice_address, "role": "caller"}]}],
    )
    assert (taken.devices, taken.calls) == (1, 1)
    assert await office.colours() == (RED, GREEN)


async def test_a_snapshot_of_one_switch_leaves_the_other_one_alone(office: Office) -> None:
    other = await office.telephony.add_switch(office.domain)
    await other.send(other.device_up(office.alice_address, rev=[100, 1]))
    office.switch.now += 60
    await office.switch.send_snapshot()
    assert await office.colours() == (GREEN, OFFLINE)


async def test_parts_count_only_when_all_are_there(office: Office) -> None:
    def listed(user: str) -> dict[str, Any]:
        return {"user": user, "device": "d1", "rev": [office.switch.now, 1], "ttl": 60}

    taken = await office.switch.send_snapshot(part=2, parts=2, devices=[listed(office.bob_address)])
    assert not taken.complete
    assert await office.colours() == (OFFLINE, OFFLINE)
    taken = await office.switch.send_snapshot(part=1, parts=2, devices=[listed(office.alice_address)])
    assert (taken.complete, taken.devices) == (True, 2)
    assert await office.colours() == (GREEN, GREEN)


async def test_what_came_while_the_snapshot_was_read_stands(office: Office) -> None:
    switch = office.switch
    as_of, taken_at = switch.last_seq, switch.now
    switch.now += 0.5
    await switch.send(
        switch.device_up(office.alice_address), switch.call("c1", "active", (office.bob_address, "callee"))
    )
    taken = await switch.send_snapshot(as_of_seq=as_of, taken_at=taken_at)
    assert taken.complete
    assert await office.colours() == (GREEN, RED)


async def test_a_snapshot_tells_only_what_changed_of_do_not_disturb_at_the_switch(office: Office) -> None:
    await office.switch.send(office.switch.tell("dnd", user=office.alice_address, on=True))
    await office.switch.send_snapshot()
    assert await office.colours() == (RED, OFFLINE)
    await office.switch.send_snapshot(dnd=[office.bob_address], snapshot_id="two")
    assert await office.colours() == (OFFLINE, RED)


async def test_a_part_beyond_the_number_of_parts_is_refused(office: Office) -> None:
    with pytest.raises(Invalid) as refused:
        await office.switch.send_snapshot(part=3, parts=2)
    assert refused.value.field == "part"


# ------------------------------------------------------------ walls and wrong input


async def test_only_the_token_of_an_enabled_source_opens(office: Office) -> None:
    service, switch = office.telephony.service, office.switch
    assert (await service.authenticate(switch.name, switch.token)).name == switch.name
    other = await office.telephony.add_switch(office.domain)
    for name, token in ((switch.name, other.token), (switch.name, ""), (switch.name, None), ("nobody", switch.token)):
        with pytest.raises(NotLoggedIn):
            await service.authenticate(name, token)
    await office.telephony.sources.set_enabled(switch.name, False)
    with pytest.raises(NotLoggedIn):
        await service.authenticate(switch.name, switch.token)


async def test_a_switch_is_believed_about_its_own_domains_only(office: Office, pool: Pool) -> None:
    neighbour = await Company.make(pool)
    carol = await neighbour.add("1001")
    address = f"1001@{neighbour.domain}"
    taken = await office.switch.send(
        office.switch.device_up(address),
        office.switch.call("c1", "active", (address, "caller")),
        office.switch.tell("dnd", user=address, on=True),
        office.switch.device_up(office.alice_address.upper()),
    )
    assert (taken.applied, taken.ignored, taken.foreign) == (1, 0, 3)
    assert await office.telephony.colour_of(neighbour.domain, carol) is OFFLINE
    listed = {"user": address, "device": "d1", "rev": [1, 1], "ttl": 60}
    snapshot = await office.switch.send_snapshot(devices=[listed], dnd=[address])
    assert (snapshot.devices, snapshot.ignored, snapshot.foreign, snapshot.dnd) == (0, 0, 1, 0)
    assert await office.telephony.colour_of(neighbour.domain, carol) is OFFLINE
    assert await office.colours() == (GREEN, OFFLINE)


async def test_one_bad_event_does_not_hold_up_the_others_and_asks_for_no_snapshot(office: Office) -> None:
    switch = office.switch
    bad = switch.tell("device.up", user=office.alice_address)
    strange = switch.tell("weather", sky="blue")
    stranger = switch.device_up(f"9999@{office.domain}")
    taken = await switch.send(bad, strange, stranger, switch.device_up(office.bob_address))
    assert (taken.applied, taken.bad, taken.unknown, taken.ignored) == (1, 1, 1, 1)
    assert [(problem.index, problem.seq, problem.code) for problem in taken.problems] == [(0, 1, "invalid")]
    assert (taken.ack, taken.resync) == (4, False)
    assert await office.colours() == (OFFLINE, GREEN)
    counted = office.telephony.counted
    assert [
        counted("presence_switch_events_total", source=switch.name, outcome=outcome)
        for outcome in ("applied", "bad", "unknown", "ignored", "repeated")
    ] == [1, 1, 1, 1, 0]


async def test_a_body_of_another_source_is_refused(office: Office) -> None:
    with pytest.raises(Invalid) as refused:
        await office.switch.send(office.switch.device_up(office.alice_address), source="somebody-else")
    assert refused.value.field == "source"
    with pytest.raises(Invalid):
        await office.switch.send_snapshot(source="somebody-else")


async def test_a_heartbeat_says_that_the_switch_is_there_and_how_wrong_its_clock_is(
    office: Office, telephony: Telephony
) -> None:
    assert (await office.switch.send()).ack == 0
    assert telephony.counted("presence_switch_batches_total", source=office.switch.name, kind="heartbeat") == 1
    assert telephony.counted("presence_switch_clock_skew_seconds", source=office.switch.name) > 1e9
