"""What a real Kamailio 5.6.3 told, event by event, and what it means in the contract."""

from typing import Any

import msgspec

from pbx.kamailio.events import KamailioBatch, read_kamailio_batch
from pbx.reading import ReadBatch
from tests.support.captured import CALL, DND, EXPIRED, PHONE, REGISTERED, SECOND
from wire.ingest import AnySwitchEvent, Call, DeviceDown, Devices, Dnd, Phase

FIRST_NAME, SECOND_NAME = (
    "urn:uuid:11111111-1111-4111-8111-111111111111",
    "urn:uuid:21111111-1111-4111-8111-111111111111",
)


def read(*events: object) -> ReadBatch:
    batch = {"source": "kam-1", "epoch": "e", "sent_at": 1795357175.021243, "last_seq": 15, "events": events}
    return read_kamailio_batch(msgspec.json.decode(msgspec.json.encode(batch), type=KamailioBatch))


def meaning(event: dict[str, Any]) -> tuple[AnySwitchEvent, ...]:
    [told] = read(event).told
    assert told.seq == event["seq"]
    return told.events


def test_a_registration_is_the_list_of_what_is_registered() -> None:
    [devices] = meaning(REGISTERED)
    assert isinstance(devices, Devices)
    [device] = devices.devices
    assert (devices.user, devices.at) == ("1001@example.test", 1795357150.729304)
    assert (device.device, device.rev, device.user_agent) == (FIRST_NAME, (1795357150.0, 2), "TestPhone/1")
    assert round(device.ttl, 3) == 599.271


def test_a_phone_without_an_id_of_its_own_goes_by_its_record() -> None:
    [devices] = meaning(REGISTERED | {"contacts": [{name: PHONE[name] for name in PHONE if name != "instance"}]})
    assert isinstance(devices, Devices)
    assert devices.devices[0].device == "uloc-6b02f984-4615-1"


def test_several_connections_of_one_phone_are_several_devices() -> None:
    [devices] = meaning(REGISTERED | {"contacts": [PHONE, PHONE | {"reg_id": 2, "device": "uloc-2"}]})
    assert isinstance(devices, Devices)
    assert [device.device for device in devices.devices] == [FIRST_NAME, f"{FIRST_NAME};reg-id=2"]


def test_of_two_records_of_one_phone_the_newer_counts() -> None:
    older = PHONE | {"device": "uloc-old", "modified_at": 1795357000, "expires_at": 1795357160}
    for contacts in ([older, PHONE], [PHONE, older]):
        events = meaning(REGISTERED | {"contacts": contacts})
        assert isinstance(events[0], Devices)
        assert [(device.device, device.rev) for device in events[0].devices] == [(FIRST_NAME, (1795357150.0, 2))]
        assert len(events) == 1


def test_a_name_that_is_too_long_is_no_name() -> None:
    [devices] = meaning(REGISTERED | {"contacts": [PHONE | {"instance": "x" * 300}]})
    assert isinstance(devices, Devices)
    assert devices.devices[0].device == "uloc-6b02f984-4615-1"


def test_an_unregistration_takes_away_the_device_even_if_it_registered_a_moment_ago() -> None:
    """Written back to the database a second later, the record is still listed, as having expired in 1970."""
    gone = PHONE | {"expires_at": 10}
    events = meaning(REGISTERED | {"op": "unregistered", "contacts": [gone, SECOND], "before": [PHONE, SECOND]})
    assert isinstance(events[0], Devices)
    assert [device.device for device in events[0].devices] == [SECOND_NAME]
    downs = [event for event in events if isinstance(event, DeviceDown)]
    assert {(down.device, down.rev, down.reason) for down in downs} == {(FIRST_NAME, (1795357150.0, 2), "unregistered")}


def test_a_record_that_is_removed_at_once_is_known_from_before() -> None:
    events = meaning(REGISTERED | {"op": "unregistered", "contacts": [], "before": [PHONE]})
    assert [type(event) for event in events] == [Devices, DeviceDown]


def test_a_lease_that_ran_out_takes_away_that_device_only() -> None:
    [down] = meaning(EXPIRED)
    assert isinstance(down, DeviceDown)
    assert (down.user, down.device, down.rev) == ("1001@example.test", SECOND_NAME, (1795357150.0, 2))
    assert down.reason == "expired"


def test_a_permanent_registration_lasts_until_the_next_snapshots() -> None:
    [devices] = meaning(REGISTERED | {"contacts": [PHONE | {"expires_at": 0}]})
    assert isinstance(devices, Devices)
    assert devices.devices[0].ttl == 86_400


def test_a_call_goes_through_its_phases() -> None:
    states = ["trying", "ringing", "confirmed", "held", "resumed", "ended"]
    phases = [event.phase for state in states for event in meaning(CALL | {"state": state}) if isinstance(event, Call)]
    assert phases == [Phase.TRYING, Phase.RINGING, Phase.ACTIVE, Phase.HELD, Phase.ACTIVE, Phase.ENDED]
    [failed] = meaning(CALL | {"state": "failed", "reply": 486})
    assert isinstance(failed, Call)
    assert (failed.call, failed.phase, failed.reason) == ("3318:11611", Phase.ENDED, "INVITE 486")
    assert [(party.user, party.role) for party in failed.parties] == [
        ("1001@example.test", "caller"),
        ("1002@example.test", "callee"),
    ]


def test_an_outside_number_is_left_out_of_a_call() -> None:
    [call] = meaning({name: CALL[name] for name in CALL if name != "caller"})
    assert isinstance(call, Call)
    assert [party.user for party in call.parties] == ["1002@example.test"]


def test_do_not_disturb_by_a_feature_code() -> None:
    [dnd] = meaning(DND)
    assert isinstance(dnd, Dnd)
    assert (dnd.user, dnd.on, dnd.via) == ("1001@example.test", True, "feature-code")


def test_bad_and_unknown_raw_events_are_passed_over() -> None:
    found = read({**REGISTERED, "aor": "nobody"}, {"type": "fax", "seq": 2}, CALL, {**CALL, "state": "exploded"}, 5)
    assert [(told.seq, len(told.events)) for told in found.told] == [(1, 0), (2, 0), (9, 1), (9, 0), (0, 0)]
    assert found.unknown == 1
    assert [problem.index for problem in found.problems] == [0, 3, 4]
