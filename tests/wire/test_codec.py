"""Bytes to structs and back: what goes in comes out, and what is wrong is named."""

import contextlib
from typing import Any

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec import Struct

from tests.support.structs import structs_of
from wire import http, ingest
from wire.codec import (
    Subprotocol,
    command_id_of,
    decode_command,
    decode_server_message,
    encode,
    transcode_to_msgpack,
)
from wire.commands import Alive, Connect, SendMessage, SetDnd
from wire.errors import Invalid, Malformed, Refused, UnknownCommand
from wire.protocol import COMMANDS, EVENTS, REPLIES
from wire.records import Presence

BOTH = pytest.mark.parametrize("subprotocol", list(Subprotocol))


def _structs_in(module: object) -> list[type[Struct]]:
    found = [each for each in vars(module).values() if isinstance(each, type) and issubclass(each, Struct)]
    return [each for each in found if each.__module__ == getattr(module, "__name__", "") and each.__struct_fields__]


@BOTH
@pytest.mark.parametrize("kind", COMMANDS, ids=lambda kind: kind.__name__)
@settings(max_examples=12, deadline=None)
@given(data=st.data())
def test_every_command_survives_the_way_to_the_server(
    subprotocol: Subprotocol, kind: type[Struct], data: st.DataObject
) -> None:
    command = data.draw(structs_of(kind))
    assert decode_command(encode(command, subprotocol), subprotocol) == command


@BOTH
@pytest.mark.parametrize("kind", [*REPLIES, *EVENTS], ids=lambda kind: kind.__name__)
@settings(max_examples=12, deadline=None)
@given(data=st.data())
def test_every_reply_and_event_survives_the_way_to_the_client(
    subprotocol: Subprotocol, kind: type[Struct], data: st.DataObject
) -> None:
    message = data.draw(structs_of(kind))
    assert decode_server_message(encode(message, subprotocol), subprotocol) == message


@pytest.mark.parametrize("kind", [*_structs_in(http), *_structs_in(ingest)], ids=lambda kind: kind.__name__)
@settings(max_examples=12, deadline=None)
@given(data=st.data())
def test_every_body_survives_the_way_there_and_back(kind: type[Struct], data: st.DataObject) -> None:
    body = data.draw(structs_of(kind))
    assert msgspec.json.decode(msgspec.json.encode(body), type=kind) == body


@settings(deadline=None)
@given(presence=structs_of(Presence))
def test_presence_made_as_json_reaches_messagepack_clients_unchanged(presence: Presence) -> None:
    transcoded = transcode_to_msgpack(msgspec.json.encode(presence))
    assert msgspec.msgpack.decode(transcoded, type=Presence) == presence


@BOTH
@settings(max_examples=120, deadline=None)
@given(payload=st.binary(max_size=300))
@example(payload=b"\xdf\xff\xff\xff\xff")
@example(payload=b"\xff\xfe")
def test_arbitrary_bytes_are_refused_or_a_command_and_nothing_else(subprotocol: Subprotocol, payload: bytes) -> None:
    _decode_or_refuse(payload, subprotocol)
    assert command_id_of(payload, subprotocol) >= 0


@BOTH
@settings(max_examples=150, deadline=None)
@given(command=st.sampled_from(COMMANDS).flatmap(structs_of), place=st.integers(0, 10_000), byte=st.integers(0, 255))
def test_a_command_with_one_wrong_byte_is_refused_or_another_command(
    subprotocol: Subprotocol, command: Struct, place: int, byte: int
) -> None:
    payload = bytearray(encode(command, subprotocol))
    payload[place % len(payload)] = byte
    _decode_or_refuse(bytes(payload), subprotocol)
    assert command_id_of(bytes(payload), subprotocol) >= 0


@pytest.mark.parametrize(
    "payload",
    [
        b"[" * 60_000,
        b'{"op":' * 10_000,
        b'{"op":"connect","presence":' * 2_000,
        b'{"op":"set_dnd","on":true,"more":' + b"[" * 30_000 + b"]" * 30_000 + b"}",
        b'{"op":"set_dnd","on":' + b"[" * 30_000,
    ],
)
def test_a_depth_bomb_in_json_is_refused(payload: bytes) -> None:
    with pytest.raises(Refused):
        decode_command(payload)
    assert command_id_of(payload) == 0


@pytest.mark.parametrize("payload", [b"\x91" * 60_000, b"\x81\xa1x" * 20_000, b"\x81\xa2op" * 15_000])
def test_a_depth_bomb_in_messagepack_is_refused(payload: bytes) -> None:
    with pytest.raises(Refused):
        decode_command(payload, Subprotocol.MSGPACK)
    assert command_id_of(payload, Subprotocol.MSGPACK) == 0


@pytest.mark.parametrize(
    ("payload", "field"),
    [
        ({"op": "set_dnd"}, "on"),
        ({"op": "set_dnd", "on": 1}, "on"),
        ({"op": "set_dnd", "on": True, "until": 5}, "until"),
        ({"op": "set_dnd", "on": True, "id": -1}, "id"),
        ({"op": "set_dnd", "on": True, "id": "1"}, "id"),
        ({"op": "set_dnd", "on": True, "id": 1.5}, "id"),
        ({"op": "connect", "presence": {"epoch": "e"}}, "presence.version"),
        ({"op": "connect", "presence": {"epoch": 1, "version": 1}}, "presence.epoch"),
        ({"op": "connect", "presence": []}, "presence"),
        ({"op": "connect", "conversations": {"one": 1}}, "conversations"),
        ({"op": "connect", "conversations": {"1": "x"}}, "conversations[...]"),
        ({"op": "connect", "conversations": {str(n): 1 for n in range(1, 202)}}, "conversations"),
        ({"op": "open_conversation", "user": 0}, "user"),
        ({"op": "open_conversation", "user": 2**31}, "user"),
        ({"op": "open_conversation", "user": 10**40}, "user"),
        ({"op": "send_message", "conversation": 1, "client_id": "12345678", "body": "x" * 8_001}, "body"),
        ({"op": "send_message", "conversation": 1, "client_id": "12345678", "body": "a\0b"}, "body"),
        ({"op": "send_message", "conversation": 1, "client_id": "short", "body": "x"}, "client_id"),
        ({"op": "send_message", "conversation": 1, "client_id": "12345678\n", "body": "x"}, "client_id"),
        ({"op": "set_status", "message": "two\nlines"}, "message"),
        ({"op": "set_status", "message": "x" * 141}, "message"),
        ({"op": "register_device", "device": "with space"}, "device"),
        ({"op": "register_device", "device": "d", "ttl": 9}, "ttl"),
        ({"op": "report_call", "call": "c", "phase": "parked"}, "phase"),
        ({"op": "get_messages", "conversation": 1, "limit": 101}, "limit"),
    ],
)
def test_wrong_input_is_refused_with_the_name_of_the_field(payload: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        decode_command(msgspec.json.encode(payload))
    assert refused.value.field == field
    assert "`$" not in refused.value.message


@pytest.mark.parametrize(
    "payload", [b"", b"{", b"nonsense", b"[]", b"1", b"null", b'"op"', b"\xff\xff", b'{"op":"alive"} x']
)
def test_what_is_no_object_at_all_is_malformed(payload: bytes) -> None:
    with pytest.raises(Malformed) as refused:
        decode_command(payload)
    assert refused.value.field is None


@pytest.mark.parametrize("payload", [{}, {"op": 1}, {"op": None}, {"op": "fly"}, {"op": "Set_Dnd"}, {"id": 7}])
def test_an_unknown_command_is_told_apart_from_a_wrong_field(payload: dict[str, Any]) -> None:
    with pytest.raises(UnknownCommand) as refused:
        decode_command(msgspec.json.encode(payload))
    assert refused.value.field == "op"


def test_half_of_a_surrogate_pair_is_malformed_and_never_a_broken_string() -> None:
    with pytest.raises(Malformed):
        decode_command(rb'{"op":"set_status","message":"\ud800 x"}')


def test_a_complaint_about_a_huge_field_is_short() -> None:
    with pytest.raises(Invalid) as refused:
        decode_command(msgspec.json.encode({"op": "alive", "x" * 50_000: 1}))
    assert len(refused.value.message) <= 300
    assert len(refused.value.field or "") <= 128


def test_text_with_several_lines_and_every_script_is_a_message() -> None:
    body = "line one\nline two\tمرحبا 你好 🙂\u200d"
    command = SendMessage(conversation=1, client_id="12345678", body=body)  # type: ignore[arg-type]
    assert decode_command(encode(command)) == command


@BOTH
def test_the_id_of_a_wrong_command_is_still_found(subprotocol: Subprotocol) -> None:
    wrong = {"op": "fly", "id": 12}
    payload = msgspec.json.encode(wrong) if subprotocol is Subprotocol.JSON else msgspec.msgpack.encode(wrong)
    assert command_id_of(payload, subprotocol) == 12


@pytest.mark.parametrize("given_id", [-1, 2**53, "12", None, True, 1.0, [1]])
def test_an_id_that_is_none_counts_as_no_id(given_id: object) -> None:
    assert command_id_of(msgspec.json.encode({"op": "fly", "id": given_id})) == 0


def test_a_text_frame_is_read_like_a_binary_one() -> None:
    assert decode_command('{"op":"alive"}') == Alive()
    assert decode_command('{"op":"set_dnd","on":true,"id":3}') == SetDnd(on=True, id=3)


def test_positions_of_conversations_have_numbers_for_keys_in_both_encodings() -> None:
    command = Connect(conversations={1: 5, 7: 0})  # type: ignore[dict-item]
    for subprotocol in Subprotocol:
        assert decode_command(encode(command, subprotocol), subprotocol) == command


def test_a_client_ignores_fields_that_are_newer_than_itself() -> None:
    payload = b'{"op":"heartbeat","epoch":"e","version":3,"news":[1]}'
    assert getattr(decode_server_message(payload), "version", None) == 3


def _decode_or_refuse(payload: bytes, subprotocol: Subprotocol) -> None:
    with contextlib.suppress(Refused):
        assert isinstance(decode_command(payload, subprotocol), COMMANDS)
