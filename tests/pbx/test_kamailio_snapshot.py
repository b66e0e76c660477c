"""The lists of a real Kamailio 5.6.3 (ul.dump, dlg.list, htable.dump), in pieces, as a snapshot of the contract."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from pbx.kamailio.snapshot import KamailioSnapshotPart, read_kamailio_snapshot
from pbx.reading import ReadSnapshot
from wire.errors import Invalid
from wire.ingest import Phase

CONTACT = {
    "Address": "sip:1002@127.0.0.1:15103;transport=UDP",
    "Expires": 554,
    "Q": -1,
    "Call-ID": "1-18392@127.0.0.1",
    "CSeq": 2,
    "User-Agent": "TestPhone/1",
    "Received": "sip:127.0.0.1:15103;transport=udp",
    "Path": "[not set]",
    "State": "CS_SYNC",
    "Flags": 0,
    "CFlags": 0,
    "Socket": "udp:127.0.0.1:15060",
    "Methods": 4294967295,
    "Ruid": "uloc-6b02f984-4613-1",
    "Instance": "<urn:uuid:31111111-1111-4111-8111-111111111111>",
    "Reg-Id": 1,
    "Server-Id": 0,
    "Tcpconn-Id": -1,
    "Keepalive": 0,
    "Last-Keepalive": 1795357150,
    "KA-Roundtrip": 0,
    "Last-Modified": 1795357150,
}
DIALOG = {
    "h_entry": 1102,
    "h_id": 5105,
    "ref": 2,
    "call-id": "1-18768@127.0.0.1",
    "from_uri": "sip:1001@example.test",
    "to_uri": "sip:1002@example.test",
    "state": 4,
    "start_ts": 1795357196,
    "lifetime": 14400,
    "caller": {"tag": "18768c1", "contact": "sip:1001@127.0.0.1:15101;transport=UDP", "cseq": "3"},
    "callee": {"tag": None, "contact": None, "cseq": None},
    "profiles": [],
    "variables": [{"held": "1"}, {"rang": "1"}, {"callee": "1002@example.test"}, {"caller": "1001@example.test"}],
}
DND_ROW = {"entry": 497, "size": 1, "slot": [{"name": "1001@example.test", "value": 1, "type": "int"}]}


def document(contacts: list[Any], dialogs: Sequence[Any] = (), **more: Any) -> dict[str, Any]:
    aors = [{"Info": {"AoR": "1002@example.test", "HashID": 1, "Contacts": [{"Contact": each} for each in contacts]}}]
    domain = {"Domain": "location", "Size": 1024, "AoRs": aors, "Stats": {"Records": 1}}
    return {
        "registrations": {"jsonrpc": "2.0", "result": {"Domains": [{"Domain": domain}]}, "id": 1},
        "dialogs": {"jsonrpc": "2.0", "result": dialogs, "id": 2},
    } | more


def read(content: object, size: int = 100_000) -> ReadSnapshot:
    data = content if isinstance(content, bytes) else json.dumps(content, ensure_ascii=False).encode()
    pieces = [data[start : start + size] for start in range(0, len(data), size)]
    parts = [
        KamailioSnapshotPart(
            source="kam-1",
            epoch="e",
            sent_at=1795357200.0 + number,
            snapshot_id="s",
            as_of_seq=22,
            taken_at=1795357200.0,
            part=number,
            parts=len(pieces),
            data=piece,
        )
        for number, piece in enumerate(pieces, 1)
    ]
    return read_kamailio_snapshot(parts)


def test_registrations_are_devices() -> None:
    snapshot = read(document([CONTACT, CONTACT | {"Instance": "[not set]", "Ruid": "uloc-7", "Received": "[not set]"}]))
    assert [(device.user, device.device, device.rev, device.ttl) for device in snapshot.devices] == [
        ("1002@example.test", "urn:uuid:31111111-1111-4111-8111-111111111111", (1795357150.0, 2), 554.0),
        ("1002@example.test", "uloc-7", (1795357150.0, 2), 554.0),
    ]
    assert (snapshot.as_of_seq, snapshot.taken_at, snapshot.dnd, snapshot.problems) == (22, 1795357200.0, None, [])


@pytest.mark.parametrize(("expires", "ttl"), [("permanent", [86_400.0]), ("expired", []), ("deleted", []), (-3, [])])
def test_a_lease_may_be_a_word(expires: object, ttl: list[float]) -> None:
    assert [device.ttl for device in read(document([CONTACT | {"Expires": expires}])).devices] == ttl


@pytest.mark.parametrize(
    ("state", "phase"), [(1, Phase.TRYING), (2, Phase.RINGING), (3, Phase.ACTIVE), (4, Phase.ACTIVE)]
)
def test_dialogs_are_calls(state: int, phase: Phase) -> None:
    variables = [{"callee": "1002@example.test"}, {"caller": "1001@example.test"}]
    [call] = read(document([], [DIALOG | {"state": state, "variables": variables}])).calls
    assert (call.call, call.phase) == ("1102:5105", phase)
    assert [party.user for party in call.parties] == ["1001@example.test", "1002@example.test"]


def test_a_dialog_on_hold_is_a_held_call() -> None:
    assert [call.phase for call in read(document([], [DIALOG])).calls] == [Phase.HELD]


def test_dialogs_that_are_over_or_of_nobody_are_no_calls() -> None:
    assert read(document([], [DIALOG | {"state": 5}, DIALOG | {"variables": [{"rang": "1"}]}])).calls == []


def test_users_with_do_not_disturb_are_listed_if_the_switch_keeps_it() -> None:
    assert read(document([], dnd={"jsonrpc": "2.0", "result": [DND_ROW], "id": 3})).dnd == {"1001@example.test"}
    assert read(document([], dnd={"jsonrpc": "2.0", "result": [], "id": 3})).dnd == set()


def test_the_document_may_be_cut_anywhere() -> None:
    content = document([CONTACT | {"User-Agent": "Téléphone ☎"}], [DIALOG])
    whole = read(content)
    for size in (1, 7, 50):
        cut = read(content, size)
        assert (cut.devices, cut.calls) == (whole.devices, whole.calls)


def test_a_phone_that_calls_itself_by_no_text_hides_nobody() -> None:
    data = json.dumps(document([CONTACT, CONTACT | {"Ruid": "u2", "Instance": "[not set]"}])).encode()
    snapshot = read(data.replace(b"TestPhone/1", b"\xff\xfe", 1))
    assert len(snapshot.devices) == 2


def test_an_entry_that_cannot_be_read_is_passed_over() -> None:
    snapshot = read(document([CONTACT | {"CSeq": "many"}, CONTACT], [{"h_entry": 1}, DIALOG]))
    assert (len(snapshot.devices), len(snapshot.calls), len(snapshot.problems)) == (1, 1, 2)


def test_what_is_no_such_document_is_refused() -> None:
    for content in (b"{", b"[]", b'{"registrations":{"error":{"code":500}},"dialogs":{"result":[]}}'):
        with pytest.raises(Invalid) as refused:
            read(content)
        assert refused.value.field == "data"
