"""One domain on a gateway: who is told what, in which order."""

import asyncio

import msgspec
import pytest

from connections.channel import Channel
from connections.session import Session
from presence.store import FullRead
from presence.view import Target
from tests.support.outlets import RecordingOutlet
from wire.codec import Subprotocol
from wire.events import Heartbeat, PresenceChanged, PresenceDoubted, PresenceSnapshot
from wire.identity import Caller, ConnectionId, DomainId, Extension, Scope, SessionId, UserId
from wire.records import Colour, Presence

DOMAIN = DomainId("a.test")
ANNA, BEN, MANAGER = UserId(1), UserId(2), UserId(3)


class Healing:
    def __init__(self) -> None:
        self.asked = 0

    def __call__(self, _channel: Channel) -> None:
        self.asked += 1


def manages(viewer: Caller, _target: Target) -> bool:
    return viewer.scope >= Scope.OFFICE_MANAGER


def record(user: UserId, rev: int, colour: Colour = Colour.OFFLINE) -> bytes:
    told = f',"colour":"{colour}"' if colour is not Colour.OFFLINE else ""
    return f'{{"user":{user},"rev":{rev},"since":1{told}}}'.encode()


def stream(first: int, last: int, plain: list[bytes], specials: list[bytes] | None = None) -> bytes:
    """A message as presence.lua makes it."""
    return f"Pe {first} {last}\n".encode() + b",".join(plain) + b"\n" + b",".join(specials or [])


def special(user: UserId, rev: int, shown: bytes, *, own: bytes = b"", listed: bool = True) -> bytes:
    entry = f'{{"user":{user},"rev":{rev},"listed":{str(listed).lower()},"scope":2,"site":"","shown":'.encode() + shown
    return entry + (b',"own":' + own if own else b"") + b"}"


def load(channel: Channel, version: int = 0, *records: bytes, epoch: str = "e") -> None:
    keyed = {msgspec.json.decode(each, type=Presence).user: each for each in records}
    channel.replace(FullRead(epoch, version, keyed, []))


def join(channel: Channel, user: UserId, scope: Scope = Scope.BASIC_USER) -> tuple[Session, RecordingOutlet]:
    outlet = RecordingOutlet()
    caller = Caller(DOMAIN, user, Extension(str(1000 + user)), scope, SessionId("s"))
    session = Session(
        ConnectionId(f"c{user}"),
        caller,
        outlet,
        Subprotocol.JSON,
        lambda: 0.0,
        available=True,
        channel=channel,
    )
    channel.add(session)
    session.release()
    return session, outlet


def told(outlet: RecordingOutlet) -> list[tuple[int, int, Colour, bool]]:
    """(user, rev, colour, gone) of every record that came, in order."""
    return [
        (each.user, each.rev, each.colour, each.gone)
        for message in outlet.messages()
        if isinstance(message, PresenceChanged | PresenceSnapshot)
        for each in message.users
    ]


@pytest.fixture
async def channel() -> Channel:
    return Channel(DOMAIN, manages, Healing())


async def flushed() -> None:
    """The end of the loop's iteration, where changes go out."""
    await asyncio.sleep(0)
    await asyncio.sleep(0)


async def test_changes_of_one_iteration_travel_in_one_message_newest_per_user(channel: Channel) -> None:
    load(channel)
    _, outlet = join(channel, BEN)
    channel.presence(stream(0, 1, [record(ANNA, 1, Colour.GREEN)]))
    channel.presence(stream(1, 3, [record(BEN, 2, Colour.BLUE), record(ANNA, 3, Colour.RED)]))
    await flushed()
    (changed,) = outlet.messages()
    assert isinstance(changed, PresenceChanged)
    assert changed.version == 3
    assert [(each.user, each.rev) for each in changed.users] == [(BEN, 2), (ANNA, 3)]


async def test_who_is_hidden_for_a_moment_is_never_told_older_after_newer(channel: Channel) -> None:
    """Seen in a storm: appearing offline and back within one iteration sent the hidden record last."""
    load(channel, 1, record(ANNA, 1, Colour.RED))
    _, outlet = join(channel, BEN)
    hidden = special(ANNA, 2, record(ANNA, 2), own=record(ANNA, 1, Colour.RED))
    shown_again = special(ANNA, 3, record(ANNA, 3, Colour.RED))
    channel.presence(stream(1, 2, [], [hidden]))
    channel.presence(stream(2, 3, [], [shown_again]))
    await flushed()
    assert told(outlet) == [(ANNA, 3, Colour.RED, False)]


async def test_each_is_told_what_concerns_them_of_somebody_who_appears_offline(channel: Channel) -> None:
    load(channel, 1, record(ANNA, 1, Colour.GREEN))
    (_, anna), (_, ben) = join(channel, ANNA), join(channel, BEN)
    channel.presence(stream(1, 2, [], [special(ANNA, 2, record(ANNA, 2), own=record(ANNA, 1, Colour.GREEN))]))
    await flushed()
    assert told(ben) == [(ANNA, 2, Colour.OFFLINE, False)]
    anna.messages()
    channel.presence(stream(2, 3, [], [special(ANNA, 3, record(ANNA, 2), own=record(ANNA, 3, Colour.RED))]))
    await flushed()
    assert told(ben) == [], "others could see from the message that something happened"
    assert told(anna) == [(ANNA, 3, Colour.RED, False)]


async def test_an_unlisted_user_is_gone_for_others_once_and_stays_for_managers(channel: Channel) -> None:
    load(channel, 1, record(ANNA, 1, Colour.GREEN))
    (_, ben), (_, manager) = join(channel, BEN), join(channel, MANAGER, Scope.OFFICE_MANAGER)
    channel.presence(stream(1, 2, [], [special(ANNA, 2, record(ANNA, 2, Colour.GREEN), listed=False)]))
    await flushed()
    assert told(ben) == [(ANNA, 2, Colour.OFFLINE, True)]
    assert told(manager) == [(ANNA, 2, Colour.GREEN, False)]
    channel.presence(stream(2, 3, [], [special(ANNA, 3, record(ANNA, 3, Colour.RED), listed=False)]))
    await flushed()
    assert told(ben) == []
    assert told(manager) == [(ANNA, 3, Colour.RED, False)]


async def test_a_missing_message_is_asked_for_and_nothing_is_told_meanwhile(channel: Channel) -> None:
    healing = Healing()
    channel = Channel(DOMAIN, manages, healing)
    load(channel)
    _, outlet = join(channel, BEN)
    channel.presence(stream(3, 4, [record(ANNA, 4, Colour.RED)]))
    await flushed()
    assert (healing.asked, told(outlet)) == (1, [])
    channel.presence(stream(0, 4, [record(ANNA, 4, Colour.RED)]))
    await flushed()
    assert told(outlet) == [(ANNA, 4, Colour.RED, False)]


async def test_what_comes_before_the_first_read_is_not_lost(channel: Channel) -> None:
    channel.presence(stream(5, 6, [record(ANNA, 6, Colour.RED)]))
    load(channel, 5, record(BEN, 5, Colour.GREEN))
    session, _ = join(channel, BEN)
    snapshot = msgspec.json.decode(channel.snapshot_for(session), type=PresenceSnapshot)
    assert [(each.user, each.rev) for each in snapshot.users] == [(BEN, 5), (ANNA, 6)]


async def test_a_new_epoch_replaces_everything_even_with_lower_revisions(channel: Channel) -> None:
    load(channel, 9, record(ANNA, 9, Colour.RED))
    _, outlet = join(channel, BEN)
    load(channel, 1, record(BEN, 1, Colour.GREEN), epoch="f")
    await flushed()
    (snapshot,) = outlet.messages()
    assert isinstance(snapshot, PresenceSnapshot)
    assert (snapshot.epoch, [each.user for each in snapshot.users]) == ("f", [BEN])


async def test_a_blocked_client_gets_the_new_epoch_and_nothing_of_the_old(channel: Channel) -> None:
    load(channel, 9, record(ANNA, 9, Colour.RED))
    _, outlet = join(channel, BEN)
    outlet.block()
    channel.presence(stream(9, 10, [record(ANNA, 10, Colour.GREEN)]))
    await flushed()
    load(channel, 1, record(BEN, 1, Colour.GREEN), epoch="f")
    channel.presence(b"Pf 1 2\n" + record(ANNA, 2, Colour.BLUE) + b"\n")
    await flushed()
    outlet.clear()
    assert told(outlet) == [(BEN, 1, Colour.GREEN, False), (ANNA, 2, Colour.BLUE, False)]


async def test_a_blocked_client_gets_what_it_missed_in_one_message(channel: Channel) -> None:
    load(channel)
    _, outlet = join(channel, BEN)
    outlet.block()
    for version in range(1, 6):
        channel.presence(stream(version - 1, version, [record(ANNA, version, Colour.RED)]))
        await flushed()
    channel.heartbeat()
    assert outlet.messages() == []
    outlet.clear()
    assert told(outlet) == [(ANNA, 5, Colour.RED, False)]
    channel.heartbeat()
    await flushed()
    assert outlet.messages() == [Heartbeat(epoch="e", version=5)]


async def test_who_names_users_gets_those_and_the_same_bytes_as_others_who_do(channel: Channel) -> None:
    load(channel)
    (first, one), (second, two), (_, everybody) = join(channel, ANNA), join(channel, BEN), join(channel, MANAGER)
    channel.watch(first, [BEN])
    channel.watch(second, [BEN])
    channel.presence(stream(0, 2, [record(ANNA, 1, Colour.GREEN), record(BEN, 2, Colour.RED)]))
    await flushed()
    assert one.payloads[0] is two.payloads[0]
    assert told(one) == [(BEN, 2, Colour.RED, False)]
    assert len(told(everybody)) == 2
    channel.watch(first, None)
    channel.presence(stream(2, 3, [record(ANNA, 3, Colour.BLUE)]))
    await flushed()
    assert told(one) == [(ANNA, 3, Colour.BLUE, False)]
    two.payloads.pop(0)
    assert told(two) == []


async def test_who_left_is_told_nothing_and_remembered_nowhere(channel: Channel) -> None:
    load(channel)
    session, outlet = join(channel, BEN)
    channel.watch(session, [ANNA])
    channel.remove(session)
    channel.presence(stream(0, 1, [record(ANNA, 1, Colour.GREEN)]))
    await flushed()
    assert outlet.messages() == []
    assert (channel.sessions, channel.sessions_of(BEN)) == (set(), set())


async def test_a_doubt_is_told_once_and_ends_after_what_was_missed(channel: Channel) -> None:
    load(channel, 5)
    _, outlet = join(channel, ANNA)
    channel.doubt_since(900)
    channel.doubt_since(900)
    await flushed()
    assert [each for each in outlet.messages() if isinstance(each, PresenceDoubted)] == [PresenceDoubted(since=900)]
    channel.presence(stream(5, 6, [record(BEN, 6, Colour.BLUE)]))
    channel.doubt_since(0)
    await flushed()
    assert [type(each) for each in outlet.messages()[-2:]] == [PresenceChanged, PresenceDoubted]
