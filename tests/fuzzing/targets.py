"""What outsiders may send us, as functions of nothing but bytes: each raises for what must not happen.

`SEEDS` are inputs to begin with, from which others are made; those that once were findings stay among them.
"""

import functools
from collections.abc import Callable, Mapping, Sequence

import msgspec
from hypothesis import Phase, find, settings
from msgspec import Struct

from pbx.adapter.errors import LineLost
from pbx.asterisk.ami import AmiParser
from pbx.contract import facts_of, people_in, people_in_snapshot, snapshot_facts
from pbx.freeswitch.esl import EslParser
from pbx.kamailio.events import KamailioBatch, read_kamailio_batch
from pbx.kamailio.snapshot import KamailioSnapshotPart, read_kamailio_snapshot
from pbx.reading import ReadBatch, ReadSnapshot, read_batch, read_snapshot
from tests.connections.websocket.test_reader import MOST, Judge, Recorder, assert_both_heard_the_same, in_pieces, masked
from tests.contacts.codecs.test_damage import FILES, PIECES, read
from tests.pbx import test_ami, test_esl, test_kamailio_snapshot, test_reading
from tests.support.structs import structs_of
from wire.codec import Subprotocol, command_id_of, decode_command, encode
from wire.errors import Refused
from wire.identity import DomainId, SourceId, UserId
from wire.ingest import AnySwitchEvent, Batch, SnapshotPart
from wire.protocol import COMMANDS

Target = Callable[[bytes], None]

DEEP = [b"[" * 50_000, b'{"op":' * 8_000, b"\x91" * 50_000]
MOST_ANSWER = 1_500
"""Bytes of a refusal: what is large and wrong is not answered by something as large."""


def frames(data: bytes) -> None:
    """The first byte says in what pieces the rest arrives; the `websockets` library hears the same of it."""
    chunks = in_pieces(data[1:] + bytes(MOST + 20), 1 + (data[0] if data else 0))
    assert_both_heard_the_same(Recorder().take(chunks), Judge().take(chunks))


def _commands(subprotocol: Subprotocol, data: bytes) -> None:
    assert 0 <= command_id_of(data, subprotocol) < 2**53
    try:
        command = decode_command(data, subprotocol)
    except Refused as refused:
        _check_size(refused)
        return
    assert decode_command(encode(command, subprotocol), subprotocol) == command


def _check_size(refused: Refused) -> None:
    assert len(f"{refused.field}{refused.message}".encode()) < MOST_ANSWER


def switch_events(data: bytes) -> None:
    """Bodies of `/ingest`: the contract's and Kamailio's, as far as the facts that become of them."""
    _batch(data, Batch, read_batch)
    _batch(data, KamailioBatch, read_kamailio_batch)


def _batch(data: bytes, kind: type[Batch] | type[KamailioBatch], read_them: Callable[..., ReadBatch]) -> None:
    try:
        told = read_them(msgspec.json.decode(data, type=kind))
    except (msgspec.DecodeError, UnicodeError, RecursionError, Refused):
        return
    assert len(told.told) <= 500
    events: list[AnySwitchEvent] = [event for each in told.told for event in each.events]
    people = _people(people_in(events))
    for event in events:
        for _, fact in facts_of(event, SourceId("s"), told.envelope.sent_at, people):
            msgspec.json.encode(fact)
    msgspec.json.encode(told.problems)


def switch_snapshots(data: bytes) -> None:
    """The same of what a switch has, in one piece."""
    _snapshot(data, SnapshotPart, read_snapshot)
    _snapshot(data, KamailioSnapshotPart, read_kamailio_snapshot)
    part = {"source": "s", "epoch": "e", "sent_at": 11.0, "snapshot_id": "x", "as_of_seq": 7, "taken_at": 10.5}
    _snapshot(msgspec.json.encode(part | {"data": data}), KamailioSnapshotPart, read_kamailio_snapshot)


def _snapshot(
    data: bytes, kind: type[SnapshotPart] | type[KamailioSnapshotPart], read_them: Callable[..., ReadSnapshot]
) -> None:
    try:
        found = read_them([msgspec.json.decode(data, type=kind)])
    except (msgspec.DecodeError, UnicodeError, RecursionError, Refused):
        return
    people = _people(people_in_snapshot(found))
    for _, fact in snapshot_facts(found, SourceId("s"), [DomainId("acme.example")], people):
        msgspec.json.encode(fact)
    msgspec.json.encode(found.problems)


def _people(addresses: set[str]) -> dict[str, tuple[DomainId, UserId]]:
    return {address: (DomainId("acme.example"), UserId(at + 1)) for at, address in enumerate(sorted(addresses))}


def switch_lines(data: bytes) -> None:
    """What comes over the lines of adapters to Asterisk and FreeSWITCH, cut as the first byte says."""
    for parser in (AmiParser(), EslParser()):
        try:
            for chunk in in_pieces(data[1:], 1 + (data[0] if data else 0)):
                for _ in parser.feed(chunk):
                    pass
        except LineLost:
            continue


def contacts(data: bytes) -> None:
    read(data)


TARGETS: Mapping[str, Target] = {
    "frames": frames,
    "commands_json": functools.partial(_commands, Subprotocol.JSON),
    "commands_msgpack": functools.partial(_commands, Subprotocol.MSGPACK),
    "switch_events": switch_events,
    "switch_snapshots": switch_snapshots,
    "switch_lines": switch_lines,
    "contacts": contacts,
}


def _examples(subprotocol: Subprotocol) -> list[bytes]:
    return [encode(_example_of(kind), subprotocol) for kind in COMMANDS] + DEEP


def _example_of(kind: type[Struct]) -> Struct:
    struct: Struct = find(structs_of(kind), lambda _: True, settings=settings(phases=[Phase.generate], database=None))
    return struct


def _event_seeds() -> list[bytes]:
    batch = test_reading.batch({**test_reading.UP, "seq": 4}, {**test_reading.DND, "seq": 5})
    envelope = {"source": "s", "epoch": "e", "sent_at": 11.0, "last_seq": 99}
    records = [{"device": "r", "modified_at": 9, "cseq": 2, "contact": "sip:1@x", "expires_at": 70}]
    anna = "1001@acme.example"
    registered = {"type": "registration", "seq": 4, "occurred_at": "10.5", "op": "registered", "aor": anna}
    called = {"type": "call", "seq": 5, "occurred_at": "11", "state": "ringing", "call": "1:2", "caller": anna}
    kamailio = envelope | {"events": [registered | {"contacts": records, "before": records}, called]}
    return [msgspec.json.encode(batch), msgspec.json.encode(kamailio), *DEEP]


def _snapshot_seeds() -> list[bytes]:
    device = {**test_reading.UP, "type": "x"}
    calls = [{"call": "c", "phase": "active", "parties": [{"user": "1001@acme.example", "role": "caller"}]}]
    neutral = test_reading.part(devices=[device], calls=calls, dnd=["1001@acme.example"])
    listed = test_kamailio_snapshot.document([test_kamailio_snapshot.CONTACT], [test_kamailio_snapshot.DIALOG])
    return [msgspec.json.encode(neutral), msgspec.json.encode(listed), *DEEP]


SEEDS: Mapping[str, Callable[[], Sequence[bytes]]] = {
    "frames": lambda: [
        b"\x05" + masked(1, "aé€😀".encode()) + masked(9, b"!") + masked(8, b"\x03\xe8bye"),
        b"\xff" + masked(1, b"a", final=False) + masked(10) + masked(0, b"b") + masked(2, bytes(300)),
        b"\x01" + masked(1, b"begun", final=False) + masked(8, b"\x03\xe8"),
        b"\x01" + masked(1, bytes(MOST), final=False) + masked(9, b"0"),
        b"\x85\x88\xff",
    ],
    "commands_json": lambda: _examples(Subprotocol.JSON),
    "commands_msgpack": lambda: _examples(Subprotocol.MSGPACK),
    "switch_events": _event_seeds,
    "switch_snapshots": _snapshot_seeds,
    "switch_lines": lambda: [b"\x40" + test_ami.STREAM, b"\x07" + test_esl.STREAM],
    "contacts": lambda: FILES,
}
WORDS: Sequence[bytes] = [
    *PIECES,
    *(b"{", b"}", b"[", b"]", b"null", b"true", b"1e308", b"-1", b"9007199254740993", b'"\\ud800"', b"\\u0000"),
    *(b"[" * 2_000, b"\xc1", b"\xcb\x7f\xf0\0\0\0\0\0\0", b"\xcf" + b"\xff" * 8, b"\xdf\xff\xff\xff\xff"),
    *(b"\xd9\xff", b"\xa1\xff", b"\xc7"),
]
"""What mutations put in besides single bytes."""
