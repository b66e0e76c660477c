"""A batch is read event by event: whatever is wrong with one of them, the others count."""

from typing import Any

import msgspec
import pytest

from pbx.reading import read_batch, read_snapshot
from wire.errors import Invalid
from wire.ingest import Batch, DeviceUp, Dnd, SnapshotPart

UP = {"type": "device.up", "at": 10.0, "user": "1001@acme.example", "device": "d1", "rev": [9.0, 1], "ttl": 60}
DND = {"type": "dnd", "at": 10.0, "user": "1001@acme.example", "on": True}


def batch(*events: object, **fields: Any) -> Batch:
    envelope = {"source": "s", "epoch": "e", "sent_at": 11.0, "last_seq": 99, "events": events} | fields
    return msgspec.json.decode(msgspec.json.encode(envelope), type=Batch)


def part(**fields: Any) -> SnapshotPart:
    envelope = {"source": "s", "epoch": "e", "sent_at": 11.0, "snapshot_id": "x", "as_of_seq": 7, "taken_at": 10.5}
    return msgspec.json.decode(msgspec.json.encode(envelope | fields), type=SnapshotPart)


def test_good_events_are_read_in_order() -> None:
    read = read_batch(batch({**UP, "seq": 4}, {**DND, "seq": 5}))
    assert [told.seq for told in read.told] == [4, 5]
    assert [type(told.events[0]) for told in read.told] == [DeviceUp, Dnd]
    assert (read.unknown, read.problems) == (0, [])


@pytest.mark.parametrize(
    ("event", "code", "message", "seq"),
    [
        ({**UP, "seq": 4, "ttl": "long"}, "invalid", "ttl: ", 4),
        ({**UP, "seq": 4, "user": "no address"}, "invalid", "user: ", 4),
        ({**UP, "seq": 4, "rev": [1.0]}, "invalid", "rev: ", 4),
        ({"seq": 4, "at": 1.0, "type": "device.up"}, "invalid", "user: ", 4),
        ({**UP, "seq": "four"}, "invalid", "seq: ", 0),
        (UP, "invalid", "seq: ", 0),
        ({**UP, "seq": -3}, "invalid", "seq: ", 0),
        ({"seq": 4, "at": 1.0}, "invalid", "type: ", 4),
        ("not an object", "malformed", "", 0),
        (17, "malformed", "", 0),
        (None, "malformed", "", 0),
    ],
)
def test_a_bad_event_is_named_and_the_rest_goes_on(event: object, code: str, message: str, seq: int) -> None:
    read = read_batch(batch({**DND, "seq": 3}, event, {**DND, "seq": 5}))
    [problem] = read.problems
    assert (problem.index, problem.code, problem.seq) == (1, code, seq)
    assert problem.message.startswith(message)
    assert [(told.seq, len(told.events)) for told in read.told] == [(3, 1), (seq, 0), (5, 1)]


def test_an_unknown_type_is_counted_apart_since_it_is_nobodys_mistake() -> None:
    read = read_batch(batch({"type": "fax.jam", "seq": 3, "at": 1.0}))
    assert (read.unknown, read.problems, read.told[0].seq) == (1, [], 3)


def test_unknown_fields_are_passed_over_and_counted() -> None:
    read = read_batch(batch({**UP, "seq": 3, "firmware": {"version": 7}, "lable": "x"}, {**UP, "seq": 4}, site="north"))
    assert [(len(told.events), told.unknown_fields) for told in read.told] == [(1, 2), (1, 0)]


def test_text_that_is_no_text_spoils_only_its_own_event() -> None:
    payload = b'{"source":"s","epoch":"e","sent_at":1,"last_seq":2,"events":[{"type":"dnd","seq":1,"at":1,"on":true,'
    payload += b'"user":"\xff\xfe@acme.example"},{"type":"dnd","seq":2,"at":1,"on":true,"user":"1@acme.example"}]}'
    read = read_batch(msgspec.json.decode(payload, type=Batch))
    assert [len(told.events) for told in read.told] == [0, 1]
    assert read.problems[0].code == "malformed"


def test_a_newer_contract_is_refused_whole() -> None:
    with pytest.raises(Invalid) as refused:
        read_batch(batch(contract=2))
    assert refused.value.field == "contract"


def test_a_snapshot_is_put_together_from_its_parts() -> None:
    device = {"user": "1001@acme.example", "device": "d1", "rev": [9.0, 1], "ttl": 60}
    call = {"call": "c1", "phase": "active", "parties": []}
    read = read_snapshot(
        [
            part(part=1, parts=2, devices=[device, {"device": "d2"}], sent_at=11.0),
            part(part=2, parts=2, devices=[{**device, "device": "d3"}], calls=[call], sent_at=12.5),
        ]
    )
    assert [device.device for device in read.devices] == ["d1", "d3"]
    assert [call.call for call in read.calls] == ["c1"]
    assert (read.as_of_seq, read.taken_at, read.envelope.sent_at) == (7, 10.5, 12.5)
    assert len(read.problems) == 1


def test_knowing_of_no_dnd_differs_from_knowing_nothing_about_dnd() -> None:
    assert read_snapshot([part()]).dnd is None
    assert read_snapshot([part(dnd=[])]).dnd == set()
    assert read_snapshot([part(dnd=["1001@acme.example", 5]), part(part=2)]).dnd == {"1001@acme.example"}
