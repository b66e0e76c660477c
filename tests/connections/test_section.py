"""Frames straight to sockets: whole, in order, and without being held up by anybody."""

import os
import socket
from collections.abc import Iterator

import pytest

from connections.frames import Delivery, frame
from connections.section import Section
from connections.session import Session
from tests.support.audience import Audience
from tests.support.outlets import RecordingOutlet
from wire.codec import Subprotocol
from wire.identity import Caller, ConnectionId, DomainId, Extension, Scope, SessionId, UserId

CALLER = Caller(DomainId("a.test"), UserId(1), Extension("1001"), Scope.BASIC_USER, SessionId("s"))


class SocketOutlet(RecordingOutlet):
    """One end of a socket pair; what a direct write leaves over is kept in `rests`."""

    def __init__(self) -> None:
        super().__init__()
        self.ours, self.theirs = socket.socketpair()
        self.ours.setblocking(False)
        self.fd = self.ours.fileno()
        self.rests: list[bytes] = []

    def write_rest(self, _rest: bytes) -> None:
        self.rests.append(bytes(_rest))

    def fill(self) -> int:
        """Until the socket takes no more; how many bytes that were."""
        self.ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4_096)
        sent = 0
        while True:
            try:
                sent += os.write(self.fd, b"x" * 512)
            except BlockingIOError:
                return sent

    def arrived(self, count: int) -> bytes:
        return self.theirs.recv(count, socket.MSG_WAITALL)


def member(section: Section) -> tuple[Session, SocketOutlet]:
    outlet = SocketOutlet()
    session = Session(
        ConnectionId("c"), CALLER, outlet, section.subprotocol, lambda: 0.0, available=True, channel=Audience()
    )
    section.add(session)
    return session, outlet


@pytest.fixture
def section() -> Iterator[Section]:
    section = Section(Subprotocol.JSON, False, told=0, said=0)
    yield section
    for session in section:
        if isinstance(session.outlet, SocketOutlet):
            session.outlet.ours.close()
            session.outlet.theirs.close()


def test_several_messages_are_one_write_of_whole_frames(section: Section) -> None:
    outlets = [member(section)[1] for _ in range(3)]
    assert section.write_to_all([Delivery(b"[1]"), Delivery(b"[2]")]) == 3
    expected = frame(b"[1]") + frame(b"[2]")
    assert [outlet.theirs.recv(100) for outlet in outlets] == [expected] * 3


def test_a_full_socket_leaves_all_of_the_frame_to_its_outlet_and_holds_up_nobody(section: Section) -> None:
    (_, first), (_, full), (_, last) = member(section), member(section), member(section)
    full.fill()
    section.write_to_all([Delivery(b"[1]")])
    assert (first.theirs.recv(100), last.theirs.recv(100)) == (frame(b"[1]"), frame(b"[1]"))
    assert (first.rests, full.rests, last.rests) == ([], [frame(b"[1]")], [])


def test_half_a_frame_that_a_socket_took_is_finished_by_its_outlet(section: Section) -> None:
    (_, narrow), (_, wide) = member(section), member(section)
    narrow.ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4_096)
    whole = frame(b"[" + b"7" * 500_000 + b"]")
    section.write_to_all([Delivery(whole[10:])])
    (rest,) = narrow.rests
    assert 0 < len(rest) < len(whole)
    assert narrow.arrived(len(whole) - len(rest)) + rest == whole
    assert wide.arrived(len(whole) - sum(map(len, wide.rests))) + b"".join(wide.rests) == whole


def test_a_reset_socket_is_passed_over(section: Section) -> None:
    (_, gone), (_, here) = member(section), member(section)
    gone.theirs.close()
    section.write_to_all([Delivery(b"[1]")])
    assert here.theirs.recv(100) == frame(b"[1]")
    assert gone.rests == []


def test_who_is_blocked_by_a_write_may_leave_at_once(section: Section) -> None:
    (first, full), (_, other) = member(section), member(section)
    full.fill()
    full.write_rest = lambda _rest: section.remove(first)  # type: ignore[method-assign]
    section.write_to_all([Delivery(b"[1]")])
    assert len(section) == 1
    section.write_to_all([Delivery(b"[2]")])
    assert other.theirs.recv(100) == frame(b"[1]") + frame(b"[2]")
    full.ours.close()
    full.theirs.close()


def test_some_members_can_be_told_what_others_are_not(section: Section) -> None:
    (first, one), (_, two) = member(section), member(section)
    assert section.write_to([first], [Delivery(b"[1]")]) == 1
    section.write_to_all([Delivery(b"[2]")])
    assert one.theirs.recv(100) == frame(b"[1]") + frame(b"[2]")
    assert two.theirs.recv(100) == frame(b"[2]")


def test_a_section_of_message_pack_clients_gets_binary_frames() -> None:
    section = Section(Subprotocol.MSGPACK, False, told=0, said=0)
    _, outlet = member(section)
    section.write_to_all([Delivery(b"[1]")])
    assert outlet.theirs.recv(100) == b"\x82\x02\x91\x01"
    outlet.ours.close()
    outlet.theirs.close()
