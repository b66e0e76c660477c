"""What reaches a client, how slow it may be, and when it is sent away."""

from contextvars import Context

from connections.frames import Delivery
from connections.session import BLOCKED_SECONDS, QUEUE_BYTES, Session, whom_it_concerns
from tests.support.audience import Audience
from tests.support.outlets import RecordingOutlet
from wire.codec import Subprotocol
from wire.errors import CloseCode
from wire.events import Heartbeat, PresenceChanged
from wire.identity import Caller, ConnectionId, DomainId, Extension, Scope, SessionId, UserId
from wire.replies import Done

CALLER = Caller(DomainId("a.test"), UserId(1), Extension("1001"), Scope.BASIC_USER, SessionId("s"))


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def make(presence: Audience | None = None, clock: Clock | None = None) -> tuple[Session, RecordingOutlet]:
    outlet = RecordingOutlet()
    session = Session(
        ConnectionId("c"),
        CALLER,
        outlet,
        Subprotocol.JSON,
        clock or Clock(),
        available=True,
        channel=presence or Audience(),
    )
    return session, outlet


def test_what_arrives_before_the_starting_state_follows_it() -> None:
    session, outlet = make()
    session.send(Done(id=2))
    session.send_now(Done(id=1))
    assert outlet.messages() == [Done(id=1)]
    session.release()
    assert outlet.messages() == [Done(id=2)]


def test_presence_that_a_blocked_client_misses_comes_once_and_coalesced() -> None:
    presence = Audience()
    presence.version = 4
    session, outlet = make(presence)
    session.release()
    outlet.block()
    presence.version = 49
    assert outlet.messages() == []
    outlet.clear()
    assert presence.asked == [4, 4]
    assert outlet.messages() == [PresenceChanged(epoch="e", version=49, users=[])]


def test_chat_keeps_its_order_behind_a_blocked_outlet() -> None:
    session, outlet = make()
    session.release()
    outlet.blocks_after_each = True
    for number in range(1, 4):
        session.send(Done(id=number))
    assert outlet.messages() == [Done(id=1)]
    outlet.clear()
    outlet.clear()
    assert outlet.messages() == [Done(id=2), Done(id=3)]


def test_presence_does_not_overtake_what_is_queued() -> None:
    presence = Audience()
    session, outlet = make(presence)
    session.release()
    outlet.block()
    session.send(Heartbeat(epoch="e", version=1))
    presence.version = 2
    outlet.clear()
    assert outlet.messages() == [
        Heartbeat(epoch="e", version=1),
        PresenceChanged(epoch="e", version=2, users=[]),
    ]


def test_a_client_for_whom_too_much_waits_is_sent_away_to_resume() -> None:
    session, outlet = make()
    session.release()
    outlet.block()
    piece = Delivery(b"x" * 10_000)
    for _ in range(QUEUE_BYTES // 10_000 + 1):
        session.deliver(piece)
    assert session.close_code == CloseCode.SLOW_READER
    assert outlet.closed is not None, "told why: it may be reading still, only too slowly"
    assert outlet.closed[0] == CloseCode.SLOW_READER
    assert CloseCode.SLOW_READER.should_reconnect


def test_nothing_follows_the_close() -> None:
    session, outlet = make()
    session.release()
    session.close(CloseCode.SESSION_ENDED, "over")
    session.send(Done(id=1))
    assert outlet.closed == (CloseCode.SESSION_ENDED, "over")
    assert outlet.messages() == []


def test_a_client_that_takes_nothing_for_long_is_stuck() -> None:
    clock = Clock()
    session, outlet = make(clock=clock)
    session.release()
    outlet.block()
    clock.now += BLOCKED_SECONDS - 1
    assert not session.is_stuck(clock.now)
    clock.now += 2
    assert session.is_stuck(clock.now)
    outlet.clear()
    assert not session.is_stuck(clock.now)


def test_who_is_stuck_is_cut_off_without_a_word_that_it_would_never_read() -> None:
    clock = Clock()
    session, outlet = make(clock=clock)
    session.release()
    outlet.block()
    clock.now += BLOCKED_SECONDS + 1
    session.close(CloseCode.SLOW_READER, "nothing was read")
    assert outlet.aborted
    assert outlet.closed is None


def test_what_is_logged_in_a_task_at_work_for_a_client_says_so_and_nothing_else_does() -> None:
    session, _ = make()

    def at_work() -> dict[str, object]:
        session.bind_to_log()
        return whom_it_concerns()

    assert Context().run(at_work) == {"connection": "c", "domain": "a.test", "user": 1}
    assert whom_it_concerns() == {}
