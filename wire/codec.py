"""Bytes to structs and back, for the two encodings of the same structs. The only place that knows either.

Decoders are built once, at import: building one costs more than thousands of decodings.
"""

import re
from collections.abc import Callable
from enum import StrEnum
from typing import Any

import msgspec
from msgspec import Struct

from wire.commands import AnyCommand
from wire.errors import Invalid, Malformed, Refused, UnknownCommand
from wire.events import AnyEvent
from wire.records import LINE, LINES
from wire.replies import AnyReply

PROTOCOL_VERSION = 1


class Subprotocol(StrEnum):
    """What a client offers in Sec-WebSocket-Protocol. A breaking change of the wire gets a new number."""

    JSON = "presence.v1.json"
    MSGPACK = "presence.v1.msgpack"


_encode_json = msgspec.json.Encoder().encode
_encode_msgpack = msgspec.msgpack.Encoder().encode
_decode_json_command: Callable[[bytes | str], AnyCommand] = msgspec.json.Decoder(AnyCommand).decode
_decode_msgpack_command: Callable[[bytes], AnyCommand] = msgspec.msgpack.Decoder(AnyCommand).decode
_decode_json_server: Callable[[bytes | str], AnyReply | AnyEvent] = msgspec.json.Decoder(AnyReply | AnyEvent).decode
_decode_msgpack_server: Callable[[bytes], AnyReply | AnyEvent] = msgspec.msgpack.Decoder(AnyReply | AnyEvent).decode
_decode_json_any = msgspec.json.Decoder().decode
_decode_msgpack_any = msgspec.msgpack.Decoder().decode

_PATH = re.compile(r" - at (?P<key>`key` in )?`\$\.?(?P<path>[^`]*)`\Z")
_NAMED_FIELD = re.compile(r"(?:missing required|contains unknown) field `(?P<name>.+)`\Z", re.DOTALL)
_WORDS = {
    f"Expected `str` matching regex {LINE!r}": "Expected one line of text without control characters",
    f"Expected `str` matching regex {LINES!r}": "Expected text without NUL characters",
}
_MOST_FIELD = 128
_MOST_MESSAGE = 300
"""A complaint repeats input, and is cut so that a large wrong frame is not answered by an equally large one."""


def encode(message: Struct, subprotocol: Subprotocol = Subprotocol.JSON) -> bytes:
    return _encode_json(message) if subprotocol is Subprotocol.JSON else _encode_msgpack(message)


def transcode_to_msgpack(payload: bytes) -> bytes:
    """A message that exists as JSON (presence is made inside Redis) for MessagePack clients; once a message."""
    return _encode_msgpack(_decode_json_any(payload))


def decode_server_message(payload: bytes | str, subprotocol: Subprotocol = Subprotocol.JSON) -> AnyReply | AnyEvent:
    """For clients written in Python, and tests. Raises `msgspec.DecodeError`."""
    if subprotocol is Subprotocol.JSON:
        return _decode_json_server(payload)
    assert isinstance(payload, bytes)
    return _decode_msgpack_server(payload)


def decode_command(payload: bytes | str, subprotocol: Subprotocol = Subprotocol.JSON) -> AnyCommand:
    """Raises `Refused` (Malformed, UnknownCommand or Invalid) with the wrong field's name; never anything else."""
    try:
        if subprotocol is Subprotocol.JSON:
            return _decode_json_command(payload)
        return _decode_msgpack_command(payload if isinstance(payload, bytes) else payload.encode())
    except msgspec.ValidationError as error:
        raise refusal_of(error) from error
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise Malformed(_cut(f"This is not a readable message: {error}", _MOST_MESSAGE)) from error


def command_id_of(payload: bytes | str, subprotocol: Subprotocol = Subprotocol.JSON) -> int:
    """The `id` of a command that did not decode, so that even its refusal finds the caller; 0 if there is none."""
    try:
        if subprotocol is Subprotocol.JSON:
            loose: Any = _decode_json_any(payload)
        else:
            loose = _decode_msgpack_any(payload if isinstance(payload, bytes) else payload.encode())
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return 0
    found = loose.get("id") if isinstance(loose, dict) else None
    return found if isinstance(found, int) and not isinstance(found, bool) and 0 <= found < 2**53 else 0


def refusal_of(error: msgspec.ValidationError) -> Refused:
    """msgspec's complaint about a command as a refusal whose `field` is the JSON path of the wrong input."""
    refused = invalid_of(error)
    if refused.field == "op":
        return UnknownCommand(f"{refused.message}: see /docs/protocol for the commands", field="op")
    return refused


def invalid_of(error: msgspec.ValidationError) -> Refused:
    """msgspec's complaint about any input: `Invalid` with the field, or `Malformed` if it was no object at all."""
    text = str(error)
    path = _PATH.search(text)
    where = path["path"] if path else ""
    what = _PATH.sub("", text)
    what = _WORDS.get(what, what)
    if path and path["key"]:
        what = f"{what}, in a key"
    named = _NAMED_FIELD.search(what)
    if named:
        where = f"{where}.{named['name']}" if where else named["name"]
    what = _cut(what, _MOST_MESSAGE)
    return Invalid(what, field=_cut(where, _MOST_FIELD)) if where else Malformed(what)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
