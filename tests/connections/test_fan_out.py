"""Sections told one after the other: whatever happens in between, nobody misses anything or sees an older state."""

import asyncio
from collections.abc import Iterator
from itertools import count

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import Struct

from connections import fan_out, section
from connections.channel import Channel
from connections.session import Session
from presence.store import FullRead
from presence.view import DomainView, Special, Target
from tests.support.outlets import RecordingOutlet
from wire.announce import Announcement
from wire.codec import Subprotocol, encode
from wire.events import Heartbeat, PresenceChanged, PresenceSnapshot, ProfileChanged
from wire.identity import Caller, ConnectionId, DomainId, Extension, Scope, SessionId, UserId
from wire.records import Colour, Presence
from wire.replies import Done

DOMAIN = DomainId("a.test")
PEOPLE = [UserId(number) for number in range(1, 6)]
MANAGER = PEOPLE[0]
_decode_special = msgspec.json.Decoder(Special).decode


def manages(viewer: Caller, _target: Target) -> bool:
    return viewer.scope >= Scope.OFFICE_MANAGER


class Person:
    """The truth about somebody, and what others were told of it, kept as presence.lua keeps it."""

    def __init__(self, user: UserId) -> None:
        self.user = user
        self.colour = Colour.OFFLINE
        self.listed = True
        self.hides = False
        self.shown = (Colour.OFFLINE, 0)
        self.own = (Colour.OFFLINE, 0)
        self.is_known = False
        self.was_listed = True

    def record(self, of: tuple[Colour, int]) -> bytes:
        return encode(Presence(user=self.user, rev=of[1], colour=of[0]))

    def entry(self, version: int) -> bytes:
        """What is not for everybody."""
        entry: dict[str, object] = {"user": self.user, "rev": version, "listed": self.listed, "scope": 2}
        entry["shown"] = msgspec.Raw(self.record(self.shown))
        if self.hides:
            entry["own"] = msgspec.Raw(self.record(self.own))
        return msgspec.json.encode(entry)


class Domain:
    """Makes the stream's messages, as the store would."""

    def __init__(self) -> None:
        self.epoch = "e001"
        self.version = 0
        self.people = {user: Person(user) for user in PEOPLE}

    def paint(self, user: UserId, colour: Colour) -> bytes | None:
        person = self.people[user]
        person.colour = colour
        return self._tell(person)

    def hide(self, user: UserId, hides: bool) -> bytes | None:
        self.people[user].hides = hides
        return self._tell(self.people[user])

    def list(self, user: UserId, listed: bool) -> bytes | None:
        self.people[user].listed = listed
        return self._tell(self.people[user])

    def _tell(self, person: Person) -> bytes | None:
        """None: nothing changed."""
        before = (person.shown, person.own, person.was_listed)
        version = self.version + 1
        was_special = person.own[1] > 0 or not person.was_listed
        shows_again = person.own[1] > 0 and not person.hides
        seen = Colour.OFFLINE if person.hides else person.colour
        if shows_again or person.listed is not person.was_listed or person.shown[0] is not seen:
            person.shown = (seen, version)
        if not person.hides:
            person.own = (Colour.OFFLINE, 0)
        elif person.own[1] == 0 or person.own[0] is not person.colour:
            person.own = (person.colour, version)
        person.was_listed = person.listed
        if (person.shown, person.own, person.was_listed) == before:
            return None
        self.version, person.is_known = version, True
        plain = b"" if was_special or person.hides or not person.listed else person.record(person.shown)
        special = b"" if plain else person.entry(version)
        return f"P{self.epoch} {version - 1} {version}\n".encode() + plain + b"\n" + special

    def restart(self) -> None:
        """Another epoch, in which versions begin anew."""
        self.epoch = f"e{int(self.epoch[1:]) + 1:03}"
        for version, person in enumerate(self.people.values(), 1):
            person.shown = (person.shown[0], version)
            person.own = (person.own[0], version if person.hides else 0)
        self.version = len(self.people)

    def read(self) -> FullRead:
        known = [person for person in self.people.values() if person.is_known]
        plain = {each.user: each.record(each.shown) for each in known if each.listed and not each.hides}
        special = [each for each in known if each.hides or not each.listed]
        specials = [_decode_special(each.entry(max(each.shown[1], each.own[1]))) for each in special]
        return FullRead(self.epoch, self.version, plain, specials)


class Client:
    """Keeps what came by the rules of the wire, and complains about what must not come."""

    def __init__(self, channel: Channel, number: int, user: UserId, said_before: int) -> None:
        self.outlet = RecordingOutlet()
        self.user = user
        scope = Scope.OFFICE_MANAGER if user == MANAGER else Scope.BASIC_USER
        caller = Caller(DOMAIN, user, Extension("1"), scope, SessionId("s"))
        self.session = Session(
            ConnectionId(f"c{number}"),
            caller,
            self.outlet,
            Subprotocol.JSON,
            lambda: 0.0,
            available=True,
            channel=channel,
        )
        self.presence: dict[UserId, Presence] = {}
        self.position = ("", 0)
        self.next_said = said_before
        channel.add(self.session)
        self.session.send_starting_state(channel.snapshot_for(self.session))
        self.session.release()

    def read(self) -> None:
        for message in self.outlet.messages():
            match message:
                case PresenceSnapshot():
                    self.presence = {each.user: each for each in message.users}
                    self._at(message)
                case PresenceChanged():
                    for each in message.users:
                        known = self.presence.get(each.user)
                        assert known is None or each.rev >= known.rev, (known, each)
                        self.presence[each.user] = each
                    self._at(message)
                case Heartbeat():
                    self._at(message)
                case ProfileChanged():
                    assert message.at.microsecond == self.next_said, "lost, repeated or in another order"
                    self.next_said += 1
                case _:
                    raise AssertionError(message)

    def _at(self, message: PresenceSnapshot | PresenceChanged | Heartbeat) -> None:
        if isinstance(message, PresenceSnapshot):
            assert message.epoch > self.position[0] or message.version >= self.position[1]
        else:
            assert message.epoch == self.position[0]
            assert message.version >= self.position[1]
        self.position = (message.epoch, message.version)

    def colours(self) -> dict[UserId, Colour]:
        return {
            each.user: each.colour
            for each in self.presence.values()
            if not each.gone and each.colour is not Colour.OFFLINE
        }


class Act(Struct, frozen=True):
    what: str
    user: UserId
    yes: bool
    colour: Colour
    client: int


acts = st.builds(
    Act,
    what=st.sampled_from(
        ["paint"] * 4 + ["hide", "list", "say", "beat", "join", "join", "leave", "block", "clear", "watch", "restart"]
    ),
    user=st.sampled_from(PEOPLE),
    yes=st.booleans(),
    colour=st.sampled_from(Colour),
    client=st.integers(0, 20),
)
turns = st.lists(st.lists(acts, max_size=8), max_size=20)
"""Turns of the event loop, and what happens in each."""


class Play:
    """Carries the acts out on a channel, with its clients."""

    def __init__(self) -> None:
        self.channel = Channel(DOMAIN, manages, lambda _: None)
        self.domain = Domain()
        self.clients: list[Client] = []
        self.numbers = count(1)
        self.said = 0
        self.channel.replace(self.domain.read())

    def do(self, act: Act) -> None:
        match act.what:
            case "paint":
                self.publish(self.domain.paint(act.user, act.colour))
            case "hide":
                self.publish(self.domain.hide(act.user, act.yes))
            case "list":
                self.publish(self.domain.list(act.user, act.yes))
            case "say":
                event = b'{"op":"profile_changed","at":"2026-01-01T00:00:00.%06dZ"}' % self.said
                self.said += 1
                self.channel.announced(Announcement(None), event)
            case "beat":
                self.channel.heartbeat()
            case "join":
                self.clients.append(Client(self.channel, next(self.numbers), act.user, self.said))
            case "restart":
                self.domain.restart()
                self.channel.replace(self.domain.read())
            case _:
                self._do_to_client(act)

    def publish(self, payload: bytes | None) -> None:
        if payload is not None:
            self.channel.presence(payload)

    def _do_to_client(self, act: Act) -> None:
        if not self.clients:
            return
        client = self.clients[act.client % len(self.clients)]
        match act.what:
            case "leave":
                self.channel.remove(client.session)
                self.clients.remove(client)
            case "block":
                client.outlet.block()
            case "clear":
                client.outlet.clear()
            case "watch":
                self.channel.watch(client.session, PEOPLE[1:3] if act.yes else None)
                client.session.send_starting_state(self.channel.snapshot_for(client.session))

    def check(self) -> None:
        fresh = DomainView(manages)
        read = self.domain.read()
        fresh.replace(read.epoch, read.version, read.records, read.specials)
        for client in self.clients:
            client.outlet.clear()
            client.read()
            caller, watched = client.session.caller, client.session.watched
            snapshot = msgspec.json.decode(fresh.snapshot_for(caller, watched), type=PresenceSnapshot)
            expected = {each.user: each.colour for each in snapshot.users if each.colour is not Colour.OFFLINE}
            seen = {user: colour for user, colour in client.colours().items() if watched is None or user in watched}
            assert seen == expected
            assert client.next_said == self.said
            if client.session.section is not None:
                assert client.position[0] == self.domain.epoch


@pytest.fixture
def tiny_sections(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(section, "MOST", 2)
        patch.setattr(fan_out, "MOST", 2)
        yield


@pytest.mark.usefixtures("tiny_sections")
@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(turns)
def test_after_whatever_happened_every_client_knows_the_truth_and_never_went_back(told: list[list[Act]]) -> None:
    async def play() -> None:
        scene = Play()
        for turn in told:
            for act in turn:
                scene.do(act)
            for client in scene.clients:
                if client.outlet.is_clear:
                    client.read()
            await asyncio.sleep(0)
        for _ in range(200):
            await asyncio.sleep(0)
        scene.check()

    with asyncio.Runner() as runner:
        runner.run(play())


async def joined(channel: Channel, members: int) -> list[RecordingOutlet]:
    outlets = []
    for number in range(members):
        outlet = RecordingOutlet()
        caller = Caller(DOMAIN, UserId(100 + number), Extension("1"), Scope.BASIC_USER, SessionId("s"))
        session = Session(
            ConnectionId(f"c{number}"), caller, outlet, Subprotocol.JSON, lambda: 0.0, available=True, channel=channel
        )
        channel.add(session)
        session.release()
        outlets.append(outlet)
    return outlets


async def test_a_large_crowd_is_told_in_parts_with_turns_for_others_in_between() -> None:
    scene = Play()
    outlets = await joined(scene.channel, 3 * section.MOST)
    scene.publish(scene.domain.paint(PEOPLE[1], Colour.RED))
    told = []
    for _ in range(4):
        await asyncio.sleep(0)
        told.append(sum(bool(outlet.payloads) for outlet in outlets))
    assert told == [section.MOST, 2 * section.MOST, 3 * section.MOST, 3 * section.MOST]
    assert len({id(outlet.payloads[0]) for outlet in outlets}) == 1, "made more than once"


async def test_what_comes_while_a_crowd_is_told_travels_together_to_the_rest() -> None:
    scene = Play()
    outlets = await joined(scene.channel, 3 * section.MOST)
    scene.publish(scene.domain.paint(PEOPLE[1], Colour.RED))
    await asyncio.sleep(0)
    scene.publish(scene.domain.paint(PEOPLE[2], Colour.BLUE))
    for _ in range(10):
        await asyncio.sleep(0)
    assert sorted(len(outlet.payloads) for outlet in outlets) == [1] * 2 * section.MOST + [2] * section.MOST


async def test_what_is_said_to_some_does_not_overtake_what_was_said_to_all() -> None:
    scene = Play()
    outlets = await joined(scene.channel, 3)
    scene.channel.announced(Announcement(None), encode(Done(id=1)))
    scene.channel.announced(Announcement([UserId(101)]), encode(Done(id=2)))
    assert outlets[1].messages() == [Done(id=1), Done(id=2)]


async def test_sections_that_came_apart_in_a_storm_of_logins_are_joined_again() -> None:
    scene = Play()
    for number in range(30):
        scene.publish(scene.domain.paint(PEOPLE[1], Colour.RED if number % 2 else Colour.BLUE))
        await joined(scene.channel, 2)
    for _ in range(40):
        await asyncio.sleep(0)
    assert len({id(session.section) for session in scene.channel.sessions}) <= 5
