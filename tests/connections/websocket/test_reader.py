"""Frames out of bytes: the rules of RFC 6455, and the `websockets` library as the judge of everything else."""

from codecs import getincrementaldecoder
from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from websockets.frames import Close, Frame, Opcode
from websockets.protocol import OPEN
from websockets.server import ServerProtocol

import connections.websocket.reader
from connections.websocket.reader import FrameReader, Violation

MOST = 2_000
Heard = tuple[object, ...]


class Recorder(FrameReader):
    """Notes what it was told; `code` is that of a violation."""

    def __init__(self, most: int = MOST) -> None:
        super().__init__(most)
        self.heard: list[Heard] = []
        self.code = 0
        self.reason = ""

    def message_read(self, payload: str | bytes) -> None:
        self.heard.append(("message", payload))

    def ping_read(self, payload: bytes) -> None:
        self.heard.append(("ping", payload))

    def close_read(self, code: int, reason: str, payload: bytes) -> None:
        assert payload[2:].decode() == reason
        self.heard.append(("close", code, reason))

    def take(self, chunks: Iterable[bytes]) -> "Recorder":
        for chunk in chunks:
            if self.is_over:
                break
            try:
                self.feed(chunk)
            except Violation as violation:
                self.code, self.reason = violation.code, violation.reason
        return self


def masked(opcode: int, payload: bytes = b"", *, final: bool = True, reserved: int = 0) -> bytes:
    """Valid but for what is asked for."""
    whole = Frame(Opcode.BINARY, payload).serialize(mask=True)
    return bytes(((0x80 if final else 0) | reserved | opcode,)) + whole[1:]


def in_pieces(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 10_000])
@pytest.mark.parametrize("length", [0, 1, 125, 126, 127, 1_999, 2_000])
def test_a_message_is_read_however_it_is_cut(length: int, size: int) -> None:
    text = "aé€😀" * (length // 4) + "x" * (length % 4)
    data = masked(1, text.encode()[:length].decode(errors="ignore").encode()) + masked(2, bytes(length))
    heard = Recorder(max(MOST, length * 4)).take(in_pieces(data, size)).heard
    assert [kind for kind, _ in heard] == ["message", "message"]
    assert heard[1][1] == bytes(length)


def test_fragments_become_one_message_and_control_frames_come_in_between() -> None:
    euro = "€".encode()
    data = masked(1, euro[:1], final=False) + masked(9, b"!") + masked(0, b"", final=False) + masked(0, euro[1:] + b"a")
    assert Recorder().take([data]).heard == [("ping", b"!"), ("message", "€a")]
    data = masked(2, b"a", final=False) + masked(0, b"b", final=False) + masked(0, b"c")
    assert Recorder().take([data]).heard == [("message", b"abc")]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (Frame(Opcode.TEXT, b"not masked").serialize(mask=False), 1002),
        (masked(1, b"x", reserved=0x40), 1002),
        (masked(1, b"x", reserved=0x10), 1002),
        (masked(0, b"nothing to go on with"), 1002),
        (masked(1, b"a", final=False) + masked(1, b"b"), 1002),
        (masked(9, b"x", final=False), 1002),
        (bytes((0x89, 0x80 | 126, 0, 126)), 1002),
        (bytes((0x83, 0x80)), 1002),
        (bytes((0x8B, 0x80)), 1002),
        (masked(8, b"\x03"), 1002),
        (masked(8, (1005).to_bytes(2, "big")), 1002),
        (masked(8, (999).to_bytes(2, "big")), 1002),
        (masked(8, b"\x03\xe8\xff"), 1007),
        (masked(1, b"\xff"), 1007),
        (masked(1, b"\xed\xa0\x80"), 1007),
        (masked(1, "€".encode()[:2], final=False) + masked(0, b"a"), 1007),
        (masked(1, b"x" * (MOST + 1)), 1009),
        (bytes((0x82, 0xFF)) + (2**63 - 1).to_bytes(8, "big"), 1009),
        (bytes((0x82, 0xFF)) + (2**64 - 1).to_bytes(8, "big"), 1009),
        (masked(2, b"x" * MOST, final=False) + masked(0, b"x"), 1009),
    ],
    ids=range(20),
)
def test_a_violation_has_its_code_and_ends_the_reading(data: bytes, code: int) -> None:
    reader = Recorder().take([data + masked(1, b"never read")])
    assert reader.code == code
    assert reader.is_over
    assert ("message", "never read") not in reader.heard


def test_a_message_too_long_is_refused_before_it_has_come() -> None:
    assert Recorder().take([masked(1, b"x" * (MOST + 1))[:8]]).code == 1009


def test_wrong_text_in_fragments_is_refused_as_soon_as_it_is_seen() -> None:
    assert Recorder().take([masked(1, b"\xff", final=False)]).code == 1007


def test_nothing_is_read_after_a_close_frame() -> None:
    data = masked(8, b"\x03\xe8bye") + masked(1, b"late")
    assert Recorder().take([data]).heard == [("close", 1000, "bye")]
    assert Recorder().take([masked(8)]).heard == [("close", 1005, "")]


def test_a_close_frame_in_the_middle_of_a_message_closes_like_any_other() -> None:
    data = masked(1, b"begun", final=False) + masked(8, b"\x03\xe8bye") + masked(0, b" and ended")
    assert Recorder().take([data]).heard == [("close", 1000, "bye")]


def test_empty_fragments_without_end_leave_nothing_behind() -> None:
    import tracemalloc

    reader = Recorder()
    many = masked(0, b"", final=False) * 1_000
    reader.take([masked(2, b"", final=False), many])
    tracemalloc.start()
    try:
        reader.take([many] * 20)
        allocated = tracemalloc.take_snapshot()
    finally:
        tracemalloc.stop()
    # What other threads of a test run keep meanwhile is not its own.
    own = allocated.filter_traces([tracemalloc.Filter(True, connections.websocket.reader.__file__)])
    assert sum(each.size for each in own.statistics("filename")) < 2_000


# ---------------------------------------------------------------- the library as judge


class Judge:
    """What the sans-IO part of `websockets` makes of the same bytes, put together as uvicorn does."""

    def __init__(self) -> None:
        self.heard: list[Heard] = []
        self.code = 0
        self._library = ServerProtocol(state=OPEN, max_size=MOST)
        self._parts: list[bytes] = []
        self._is_text = False

    def take(self, chunks: Iterable[bytes]) -> "Judge":
        for chunk in chunks:
            self._library.receive_data(chunk)
            for event in self._library.events_received():
                assert isinstance(event, Frame)
                self._hear(event)
                if self.code:
                    return self
            if self._library.parser_exc is not None and self._library.close_rcvd is not None:
                # Closed in the middle of a message: the library answers 1002, the test suites of the field want 1000.
                self._hear_close(self._library.close_rcvd)
            elif self._library.parser_exc is not None:
                assert self._library.close_sent is not None
                self.code = int(self._library.close_sent.code)
            if self.code or self._library.close_rcvd is not None:
                break
        return self

    @property
    def may_have_counted_a_control_frame(self) -> bool:
        """Its limit of a message is also one for control frames that come between the fragments; ours is not."""
        return self.code == 1009 and MOST - (self._library.current_size or 0) <= 125

    def _hear(self, event: Frame) -> None:
        if event.opcode is Opcode.PING:
            self.heard.append(("ping", bytes(event.data)))
        elif event.opcode is Opcode.CLOSE:
            assert self._library.close_rcvd is not None
            self._hear_close(self._library.close_rcvd)
        elif event.opcode is not Opcode.PONG:
            self._hear_data(event)

    def _hear_close(self, closed: Close) -> None:
        self.heard.append(("close", int(closed.code), closed.reason))

    def _hear_data(self, event: Frame) -> None:
        if event.opcode is not Opcode.CONT:
            self._is_text = event.opcode is Opcode.TEXT
        self._parts.append(bytes(event.data))
        whole = b"".join(self._parts)
        try:
            text = getincrementaldecoder("utf-8")().decode(whole, event.fin) if self._is_text else ""
        except UnicodeDecodeError:
            self.code = 1007
            return
        if event.fin:
            self._parts = []
            self.heard.append(("message", text if self._is_text else whole))


frames = st.builds(
    masked,
    st.sampled_from([0, 1, 1, 1, 2, 8, 9, 10]),
    st.one_of(
        st.text(max_size=50).map(str.encode),
        st.binary(max_size=140),
        st.integers(990, 5_010).map(lambda code: code.to_bytes(2, "big") + b"why"),
        st.integers(1_000, 2_100).map(bytes),
    ),
    final=st.sampled_from([True, True, False]),
    reserved=st.sampled_from([0] * 12 + [0x40, 0x20, 0x10]),
)


def valid(parts: list[bytes]) -> bytes:
    return b"".join(parts)


def flipped(data: bytes, place: int, bit: int) -> bytes:
    if not data:
        return data
    at = place % len(data)
    return data[:at] + bytes((data[at] ^ (1 << bit),)) + data[at + 1 :]


def assert_both_heard_the_same(reader: Recorder, judge: Judge) -> None:
    if judge.may_have_counted_a_control_frame or reader.reason == "control frames are whole and short":
        # The library takes a short control frame whose length is written in the long way, which section 5.5 forbids.
        assert reader.heard[: len(judge.heard)] == judge.heard[: len(reader.heard)]
        return
    # A frame may be wrong in two ways at once, and each names the one that it looked at first.
    assert reader.code == judge.code or {reader.code, judge.code} == {1002, 1009}
    assert reader.heard == judge.heard


streams = st.one_of(
    st.lists(frames, max_size=8).map(valid),
    st.builds(flipped, st.lists(frames, max_size=6).map(valid), st.integers(0, 10_000), st.integers(0, 7)),
    st.binary(max_size=60),
)


@settings(max_examples=600, deadline=None)
@given(streams, st.integers(1, 400))
def test_whatever_bytes_come_the_library_hears_the_same(data: bytes, size: int) -> None:
    # With enough behind it that every frame is complete, since not all rules are looked at before that.
    chunks = in_pieces(data + bytes(MOST + 20), size)
    reader = Recorder().take(chunks)
    assert_both_heard_the_same(reader, Judge().take(chunks))
