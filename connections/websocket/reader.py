"""Frames out of bytes (RFC 6455, section 5), without I/O: the receiving half of the protocol.

Written for what clients really send, small whole text frames; everything else takes the longer way and the same rules.
What bytes a peer may send is decided here and nowhere else.
"""

from abc import ABC, abstractmethod
from codecs import getincrementaldecoder

from websockets.exceptions import ProtocolError
from websockets.frames import Close

try:
    from websockets.speedups import apply_mask
except ImportError:  # no compiled part for this machine
    from websockets.utils import apply_mask

CONTINUATION, TEXT, BINARY = 0x0, 0x1, 0x2
CLOSE, PING, PONG = 0x8, 0x9, 0xA

PROTOCOL_VIOLATED = 1002
NOT_UTF8 = 1007
TOO_BIG = 1009

_FINAL = 0x80
_RESERVED = 0x70
_OPCODE = 0x0F
_MASKED = 0x80
_LENGTH = 0x7F
_MASK_BYTES = 4

_NO_STATUS = 1005

_Utf8Decoder = getincrementaldecoder("utf-8")


class Violation(Exception):
    """The peer broke the protocol: fail the connection with this close code (section 7.1.7)."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class _Fragments:
    """A message whose last frame has not come. Text is decoded as it comes, so that wrong text is refused at once."""

    __slots__ = ("_bytes", "_decoder", "_texts", "size")

    def __init__(self, opcode: int) -> None:
        self.size = 0
        self._decoder = _Utf8Decoder() if opcode == TEXT else None
        self._texts: list[str] = []
        self._bytes: list[bytes] = []

    def add(self, payload: bytes, final: bool) -> None:
        """Raises `Violation`. Empty ones leave nothing behind: they may come without end."""
        self.size += len(payload)
        if self._decoder is None:
            if payload:
                self._bytes.append(payload)
            return
        try:
            text = self._decoder.decode(payload, final)
        except UnicodeDecodeError:
            raise Violation(NOT_UTF8, "text must be UTF-8") from None
        if text:
            self._texts.append(text)

    def message(self) -> str | bytes:
        return b"".join(self._bytes) if self._decoder is None else "".join(self._texts)


class FrameReader(ABC):
    """Feed it bytes; it calls `message_read`, `ping_read` and `close_read` of a subclass, and raises `Violation`.

    `most`: bytes of a message, all its fragments together. After a close frame, or a violation, it reads nothing more.
    """

    __slots__ = ("_fragments", "_rest", "_wanted", "is_over", "most")

    def __init__(self, most: int) -> None:
        self.most = most
        self.is_over = False
        self._rest: bytearray | None = None
        """The beginning of a frame; `_wanted` bytes of it are needed before looking again."""
        self._wanted = 0
        self._fragments: _Fragments | None = None

    # ------------------------------------------------------------ what a subclass has

    @abstractmethod
    def message_read(self, payload: str | bytes) -> None:
        """A whole message: text or bytes."""

    @abstractmethod
    def ping_read(self, payload: bytes) -> None:
        """To be answered with the same payload."""

    @abstractmethod
    def close_read(self, code: int, reason: str, payload: bytes) -> None:
        """The peer closes; `payload` is what to answer. `code` is 1005 if it gave none."""

    # ------------------------------------------------------------ reading

    def feed(self, data: bytes) -> None:
        if self._rest is not None:
            self._rest += data
            if len(self._rest) < self._wanted:
                return
            data, self._rest = bytes(self._rest), None
        at, end = 0, len(data)
        try:
            while at < end and not self.is_over:
                after = self._read_frame(data, at, end)
                if after < 0:  # the frame goes on; nothing happens until so many bytes of it are there
                    self._rest, self._wanted = bytearray(data[at:]), -after
                    return
                at = after
        except Violation:
            self.is_over = True
            raise

    def _read_frame(self, data: bytes, at: int, end: int) -> int:
        """Reads the frame that begins at `at`: returns where it ends, or minus how many bytes of it are needed."""
        if end - at < 2:
            return -2
        first, second = data[at], data[at + 1]
        length, head = second & _LENGTH, 2 + _MASK_BYTES
        opcode = first & _OPCODE
        self._check(first, second, opcode, length)
        if length >= 126:
            extended = 2 if length == 126 else 8
            head += extended
            if end - at < 2 + extended:
                return -(2 + extended)
            length = int.from_bytes(data[at + 2 : at + 2 + extended], "big")
        if opcode < CLOSE and length + (self._fragments.size if self._fragments else 0) > self.most:
            raise Violation(TOO_BIG, f"a message may have {self.most} bytes")
        start = at + head
        stop = start + length
        if stop > end:
            return -(head + length)
        payload = apply_mask(data[start:stop], data[start - _MASK_BYTES : start])
        if first == _FINAL | TEXT and self._fragments is None:
            try:
                text = payload.decode()
            except UnicodeDecodeError:
                raise Violation(NOT_UTF8, "text must be UTF-8") from None
            self.message_read(text)
        else:
            self._take(bool(first & _FINAL), opcode, payload)
        return stop

    def _check(self, first: int, second: int, opcode: int, length: int) -> None:
        if first & _RESERVED:
            raise Violation(PROTOCOL_VIOLATED, "no extension was agreed on")
        if not second & _MASKED:
            raise Violation(PROTOCOL_VIOLATED, "frames from clients are masked")
        if opcode >= CLOSE:
            if opcode > PONG:
                raise Violation(PROTOCOL_VIOLATED, "unknown opcode")
            if not first & _FINAL or length > 125:
                raise Violation(PROTOCOL_VIOLATED, "control frames are whole and short")
        elif opcode > BINARY:
            raise Violation(PROTOCOL_VIOLATED, "unknown opcode")
        elif (opcode == CONTINUATION) is (self._fragments is None):
            raise Violation(PROTOCOL_VIOLATED, "a fragmented message goes on with continuation frames")

    def _take(self, final: bool, opcode: int, payload: bytes) -> None:
        """Everything but a whole text message."""
        if opcode < CLOSE:
            self._take_data(final, opcode, payload)
        elif opcode == PING:
            self.ping_read(payload)
        elif opcode == CLOSE:
            self.is_over = True
            self._fragments = None  # control frames may come between fragments (5.4); what was begun is void
            self.close_read(*_closing(payload), payload)
        # A pong needs no answer, and nobody here waits for one.

    def _take_data(self, final: bool, opcode: int, payload: bytes) -> None:
        if final and opcode == BINARY:
            self.message_read(payload)
            return
        fragments = self._fragments
        if fragments is None:
            fragments = self._fragments = _Fragments(opcode)
        fragments.add(payload, final)
        if final:
            self._fragments = None
            self.message_read(fragments.message())


def _closing(payload: bytes) -> tuple[int, str]:
    """Code and reason of a close frame. Raises `Violation`."""
    try:
        close = Close.parse(payload)
        if close.code != _NO_STATUS:
            close.check()
    except ProtocolError as error:
        raise Violation(PROTOCOL_VIOLATED, str(error)[:100]) from None
    except UnicodeDecodeError:
        raise Violation(NOT_UTF8, "the reason must be UTF-8") from None
    return int(close.code), close.reason
