from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pbx.adapter.errors import LineLost
from pbx.freeswitch.esl import MAX_BODY, MAX_HEADERS, EslFrame, EslParser, command

BODY = '{"Event-Name":"CUSTOM","user-agent":"ü\\n\\n"}'.encode()
STREAM = (
    b"Content-Type: auth/request\n\n"
    b"Content-Type: command/reply\nReply-Text: +OK accepted\n\n"
    + b"Content-Length: %d\nContent-Type: text/event-json\n\n%b" % (len(BODY), BODY)
    + b"\n\nContent-Type: api/response\nContent-Length: 0\n\n"
    + b"Content-Type: text/disconnect-notice\nContent-Length: 4\n\nbye\n"
)


def parse(*chunks: bytes) -> list[EslFrame]:
    parser = EslParser()
    return [frame for chunk in chunks for frame in parser.feed(chunk)]


@given(st.lists(st.integers(0, len(STREAM)), max_size=30))
def test_frames_are_the_same_however_the_stream_is_cut(cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(STREAM)]
    pieces = [STREAM[start:end] for start, end in pairwise(edges)]
    assert parse(*pieces) == parse(STREAM)


def test_bodies_are_as_long_as_was_said_and_headers_found_by_any_spelling() -> None:
    frames = parse(STREAM)
    assert [frame.kind for frame in frames] == [
        "auth/request",
        "command/reply",
        "text/event-json",
        "api/response",
        "text/disconnect-notice",
    ]
    assert frames[1].headers["reply-text"] == "+OK accepted"
    assert (frames[2].body, frames[4].body) == (BODY, b"bye\n")


@given(st.lists(st.binary(max_size=200), max_size=20))
def test_garbage_ends_in_frames_or_in_the_loss_of_the_line(chunks: list[bytes]) -> None:
    parser = EslParser()
    try:
        for chunk in chunks:
            for frame in parser.feed(chunk):
                assert frame.kind is not None
    except LineLost:
        return
    assert len(parser._rest) <= MAX_HEADERS + 200 or parser._missing


@given(st.text(alphabet="Content-Lgh: 0123456789\n", max_size=300))
def test_headers_that_are_nearly_right_break_nothing(text: str) -> None:
    try:
        parse(b"Content-Type: api/response\n" + text.encode() + b"\n\n")
    except LineLost:
        return


@pytest.mark.parametrize("length", ["-1", "x", str(MAX_BODY + 1), "9" * 30, "١"])
def test_a_length_that_cannot_be_is_the_end_of_the_line(length: str) -> None:
    with pytest.raises(LineLost, match="length"):
        parse(f"Content-Type: api/response\nContent-Length: {length}\n\n".encode())


@pytest.mark.parametrize("stream", [b"SSH-2.0-OpenSSH_9.2\r\n\n\n", b"x" * (MAX_HEADERS + 1)])
def test_what_is_no_event_socket_is_found_out(stream: bytes) -> None:
    with pytest.raises(LineLost, match="not an event socket"):
        parse(stream)


def test_nothing_can_smuggle_a_second_command_into_one() -> None:
    assert command("sendevent X", {"user": "1001"}) == b"sendevent X\nuser: 1001\n\n"
    with pytest.raises(ValueError, match="one line"):
        command("api db insert/dnd/1001\n\napi fsctl shutdown")
