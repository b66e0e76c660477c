"""Frames as RFC 6455 has them, judged by the websockets library."""

import pytest
from websockets.frames import Frame, Opcode
from websockets.streams import StreamReader

from connections.frames import Delivery, frame
from wire.codec import Subprotocol


def parse(data: bytes) -> Frame:
    reader = StreamReader()
    reader.feed_data(data)
    reader.feed_eof()
    parsing = Frame.parse(reader.read_exact, mask=False)
    try:
        while True:
            next(parsing)
    except StopIteration as done:
        result: Frame = done.value
        return result


@pytest.mark.parametrize("length", [0, 1, 125, 126, 127, 65_535, 65_536, 70_000])
def test_a_frame_of_any_length_reads_back(length: int) -> None:
    payload = b"x" * length
    parsed = parse(frame(payload))
    assert (parsed.opcode, parsed.fin, bytes(parsed.data)) == (Opcode.TEXT, True, payload)


def test_a_delivery_is_made_once_for_each_encoding() -> None:
    delivery = Delivery(b'{"op":"heartbeat","epoch":"e","version":7}')
    assert delivery.frame_for(Subprotocol.JSON) is delivery.frame_for(Subprotocol.JSON)
    packed = delivery.frame_for(Subprotocol.MSGPACK)
    assert packed is delivery.frame_for(Subprotocol.MSGPACK)
    assert parse(packed).opcode == Opcode.BINARY
