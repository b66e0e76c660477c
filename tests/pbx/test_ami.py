import tracemalloc
from collections import deque
from itertools import pairwise, repeat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pbx.adapter.errors import LineLost
from pbx.asterisk.ami import MAX_LINE, AmiMessage, AmiParser, action

GREETING = b"Asterisk Call Manager/9.0.0\r\n"
STREAM = (
    GREETING
    + b"Response: Success\r\nActionID: 1\r\nMessage: Authentication accepted\r\n\r\n"
    + b"Event: FullyBooted\r\nPrivilege: system,all\r\nUptime: 12\r\nStatus: Fully Booted\r\n\r\n"
    + "Event: Newchannel\r\nCallerIDName: Müller: the first\r\nChanVariable: a=1\r\nChanVariable: a=2\r\n\r\n".encode()
    + b"Response: Success\r\nActionID: 2\r\nOutput: /DND/1001   : YES\r\nOutput: 1 results found.\r\n\r\n"
)


def parse(*chunks: bytes) -> list[AmiMessage]:
    parser = AmiParser()
    return [message for chunk in chunks for message in parser.feed(chunk)]


@given(st.lists(st.integers(0, len(STREAM)), max_size=30))
def test_messages_are_the_same_however_the_stream_is_cut(cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(STREAM)]
    pieces = [STREAM[start:end] for start, end in pairwise(edges)]
    assert parse(*pieces) == parse(STREAM)


def test_fields_are_found_by_any_spelling_and_the_first_of_each_counts() -> None:
    _, booted, channel, printed = parse(STREAM)
    assert (booted["event"], booted["UPTIME"], booted["nothing"]) == ("FullyBooted", "12", "")
    assert (channel["CallerIDName"], channel["ChanVariable"]) == ("Müller: the first", "a=1")
    assert printed.output == ("/DND/1001   : YES", "1 results found.")


@given(st.lists(st.binary(max_size=200), max_size=20))
def test_garbage_ends_in_messages_or_in_the_loss_of_the_line(chunks: list[bytes]) -> None:
    parser = AmiParser()
    try:
        for chunk in (GREETING, *chunks):
            for message in parser.feed(chunk):
                assert message.fields
    except LineLost:
        return
    assert len(parser._rest) <= MAX_LINE


@pytest.mark.parametrize(
    "stream",
    [b"SSH-2.0-OpenSSH_9.2\r\n", b"HTTP/1.1 400 Bad Request\r\n\r\n", GREETING + b"Event: " + b"x" * (MAX_LINE + 1)],
    ids=["another protocol", "a web server", "a line without an end"],
)
def test_what_is_no_manager_interface_is_found_out(stream: bytes) -> None:
    with pytest.raises(LineLost, match="not a manager interface"):
        parse(stream)


def test_a_message_without_an_end_is_given_up_before_it_is_large() -> None:
    parser = AmiParser()
    list(parser.feed(GREETING))
    endless = repeat(b"Output: " + b"x" * 1_000 + b"\r\n")
    tracemalloc.start()
    with pytest.raises(LineLost, match="without an end"):
        deque((list(parser.feed(line)) for line in endless), maxlen=0)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 32_000_000


def test_nothing_can_smuggle_a_second_action_into_one() -> None:
    assert action("Ping", "7", {"Key": "a"}) == b"Action: Ping\r\nActionID: 7\r\nKey: a\r\n\r\n"
    with pytest.raises(ValueError, match="one line"):
        action("DBPut", "7", {"Key": "1001\r\nAction: Originate"})
