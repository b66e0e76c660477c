"""WebSocket frames ready to write (RFC 6455, section 5.2): made once, sent to every watcher as they are."""

from wire.codec import Subprotocol, transcode_to_msgpack

TEXT_FRAME = 0x81
BINARY_FRAME = 0x82


def frame(payload: bytes, opcode_byte: int = TEXT_FRAME) -> bytes:
    """A whole unmasked message, as servers send them."""
    length = len(payload)
    if length < 126:
        return bytes((opcode_byte, length)) + payload
    if length < 65_536:
        return bytes((opcode_byte, 126)) + length.to_bytes(2) + payload
    return bytes((opcode_byte, 127)) + length.to_bytes(8) + payload


class Delivery:
    """One message for many clients, in every form that one of them needs, each made when first asked for.

    `payload` is JSON. Nobody downstream decodes it again but for MessagePack clients, once.
    """

    __slots__ = ("_packed", "_packed_frame", "_text_frame", "payload")

    def __init__(self, payload: bytes) -> None:
        self.payload = payload
        self._text_frame: bytes | None = None
        self._packed: bytes | None = None
        self._packed_frame: bytes | None = None

    def payload_for(self, subprotocol: Subprotocol) -> bytes:
        if subprotocol is Subprotocol.JSON:
            return self.payload
        if self._packed is None:
            self._packed = transcode_to_msgpack(self.payload)
        return self._packed

    def frame_for(self, subprotocol: Subprotocol) -> bytes:
        if subprotocol is Subprotocol.JSON:
            if self._text_frame is None:
                self._text_frame = frame(self.payload)
            return self._text_frame
        if self._packed_frame is None:
            self._packed_frame = frame(self.payload_for(subprotocol), BINARY_FRAME)
        return self._packed_frame
