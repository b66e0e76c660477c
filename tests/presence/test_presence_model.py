"""Random facts, times, duplicates, deaths and floods, judged by the oracle after every step."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import msgspec
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from presence.facts import (
    AnyFact,
    CallChanged,
    DeviceDown,
    DeviceList,
    DeviceUp,
    SessionsChanged,
    SettingsChanged,
    SourceHeard,
    SourceSnapshot,
)
from presence.store import FullRead, Outcome
from presence.view import DomainView, Gap
from storage.embedded import EmbeddedServers
from storage.redis import keys
from storage.redis.client import make_client, make_subscriber_client
from storage.redis.presence import Most, RedisPresenceStore
from tests.presence.oracle import CALLS_AT_MOST, DEVICES_AT_MOST, OFFLINE, Oracle
from tests.presence.words import shown, words
from wire.commands import CallPhase
from wire.events import PresenceChanged, PresenceSnapshot
from wire.identity import Caller, CallId, DeviceId, DomainId, Extension, GatewayId, Scope, SessionId, SourceId, UserId
from wire.records import Presence

T = TypeVar("T")

USERS = [UserId(number) for number in range(1, 6)]
START = 1_700_000_000_000

users = st.sampled_from(USERS)
sources = st.sampled_from([SourceId("switch"), SourceId("portal")])
devices = st.sampled_from([DeviceId("desk"), DeviceId("mobile"), DeviceId("soft")])
calls = st.sampled_from([CallId("c1"), CallId("c2")])
gateways = st.sampled_from([GatewayId("a"), GatewayId("b")])
ttls = st.sampled_from([1_000, 5_000, 60_000])
revisions = st.none() | st.tuples(
    st.sampled_from([START / 1000 - 10, START / 1000, START / 1000 + 5, START / 1000 + 30]), st.integers(0, 2)
)
device_ups = st.builds(DeviceUp, users, sources, devices, ttls, revisions, st.booleans())
call_changes = st.builds(
    CallChanged, users, sources, calls, st.sampled_from(CallPhase), ttls, st.none() | st.integers(0, 3)
)
facts = st.one_of(
    device_ups,
    st.builds(DeviceDown, users, sources, devices, revisions),
    call_changes,
    st.builds(SessionsChanged, users, gateways, st.booleans()),
)

_decode_snapshot = msgspec.json.Decoder(PresenceSnapshot).decode
_decode_changed = msgspec.json.Decoder(PresenceChanged).decode


def forget(_payload: bytes) -> None:
    """The message is lost on the way."""


def caller(user: UserId, scope: Scope = Scope.BASIC_USER) -> Caller:
    return Caller(DomainId("any.test"), user, Extension(str(1000 + user)), scope, SessionId("s"))


class PresenceMachine(RuleBasedStateMachine):
    """`servers` is set by the test; each run has a domain of its own."""

    servers: EmbeddedServers
    run: Callable[[Awaitable[Any]], Any]

    @initialize(ringing=st.booleans())
    def begin(self, ringing: bool) -> None:
        self.loop = asyncio.new_event_loop()
        self.run = self.loop.run_until_complete
        self.client = make_client(self.servers.redis_url)
        self.subscriber = make_subscriber_client(self.servers.redis_url)
        self.pubsub = self.subscriber.pubsub()
        self.store = RedisPresenceStore(self.client, now_ms=START, most=Most(DEVICES_AT_MOST, CALLS_AT_MOST))
        self.domain = DomainId(f"{secrets.token_hex(6)}.test")
        self.oracle = Oracle(START)
        self.oracle.ringing_is_busy = ringing
        self.view = DomainView(lambda viewer, _: viewer.scope > Scope.SITE_MANAGER)
        self.settings_rev = 0
        self.seen: dict[UserId, int] = {}
        self.watcher: dict[UserId, Presence] = {}
        self.run(self.pubsub.ssubscribe(keys.domain_channel(self.domain)))
        self.run(self.store.seed(self.domain, secrets.token_hex(4), ringing, []))
        self._reload()

    def teardown(self) -> None:
        if hasattr(self, "loop"):
            self.run(self.pubsub.aclose())  # type: ignore[no-untyped-call]
            self.run(self.client.aclose())
            self.run(self.subscriber.aclose())
            self.loop.close()

    # ------------------------------------------------------------ what happens

    @rule(batch=st.lists(facts, min_size=1, max_size=4))
    def report(self, batch: list[AnyFact]) -> None:
        self._report(batch)

    def _report(self, batch: list[AnyFact]) -> Outcome:
        for fact in batch:
            self.oracle.apply(fact)
        self.oracle.leave_out()
        outcome: Outcome = self.run(self.store.report(self.domain, batch))
        return outcome

    @rule(fact=facts)
    def report_twice(self, fact: AnyFact) -> None:
        """The second time nothing may change, and nobody may be told."""
        first = self._report([fact])
        if isinstance(fact, DeviceDown | CallChanged | SessionsChanged) or fact.rev is not None:  # type: ignore[union-attr]
            second = self._report([fact])
            assert second.version == first.version

    @rule(
        user=users,
        source=sources,
        at=st.sampled_from([START / 1000, START / 1000 + 40]),
        listed=st.lists(device_ups, max_size=2),
    )
    def list_devices(self, user: UserId, source: SourceId, at: float, listed: list[DeviceUp]) -> None:
        own = {each.device: msgspec.structs.replace(each, user=user, source=source) for each in listed}
        fact = DeviceList(user, source, at, list(own.values()))
        self._report([fact])

    @rule(
        source=sources,
        at=st.sampled_from([START / 1000, START / 1000 + 40]),
        up=st.lists(device_ups, max_size=3, unique_by=lambda each: (each.user, each.device)),
        ongoing=st.lists(call_changes, max_size=2, unique_by=lambda each: (each.user, each.call)),
        before=st.integers(0, 4),
    )
    def snapshot_of_source(
        self, source: SourceId, at: float, up: list[DeviceUp], ongoing: list[CallChanged], before: int
    ) -> None:
        fact = SourceSnapshot(
            UserId(0),
            source,
            at,
            [msgspec.structs.replace(each, source=source) for each in up],
            [msgspec.structs.replace(each, source=source) for each in ongoing],
            before,
        )
        self._report([fact])

    @rule(
        user=users,
        dnd=st.booleans(),
        appear_offline=st.booleans(),
        listed=st.booleans(),
        message=st.sampled_from(["", "Back at 3", 'quote " \\ slash / and é 日']),
        lasts=st.sampled_from([0, 4_000]),
        stale=st.booleans(),
    )
    def change_settings(
        self, user: UserId, dnd: bool, appear_offline: bool, listed: bool, message: str, lasts: int, stale: bool
    ) -> None:
        self.settings_rev += 1
        rev = 0 if stale else self.settings_rev
        until = self.oracle.now + lasts if lasts else 0
        fact = SettingsChanged(user, rev, dnd, 0, appear_offline, message, until, listed, scope=3, site="x")
        self._report([fact])

    @rule(source=sources)
    def source_is_heard(self, source: SourceId) -> None:
        fact = SourceHeard(UserId(0), source)
        self._report([fact])

    @rule(gateway=gateways)
    def renew_lease(self, gateway: GatewayId) -> None:
        ticked = self.run(self.store.tick(self.domain, gateway, 30_000))
        assert ticked.lost == (self.oracle.leases.get(gateway, 0) <= self.oracle.now)
        if ticked.lost:
            for person in self.oracle.people.values():
                person.sessions.discard(gateway)
        self.oracle.leases[gateway] = self.oracle.now + 30_000

    @rule(gateway=gateways)
    def gateway_leaves(self, gateway: GatewayId) -> None:
        self.run(self.store.tick(self.domain, gateway, 0))
        self.oracle.leases[gateway] = 0

    @rule(milliseconds=st.sampled_from([100, 999, 1_001, 6_000, 16_000, 31_000, 121_000, 700_000]))
    def time_passes(self, milliseconds: int) -> None:
        self.store.now_ms += milliseconds
        self.oracle.now += milliseconds

    @rule()
    def messages_are_lost(self) -> None:
        """The gateway misses what is on the way, and re-reads from its version."""
        self._sweep()
        self._drain(forget)
        missed = self.run(self.store.read_since(self.domain, self.view.epoch, self.view.version))
        assert missed is not None
        self._apply(missed)

    @precondition(lambda self: hasattr(self, "loop"))
    @rule()
    def redis_is_emptied(self) -> None:
        found = self.run(self.client.keys(keys.presence_prefix(self.domain) + "*"))
        if found:
            self.run(self.client.delete(*found))
        kept = {user: person.settings for user, person in self.oracle.people.items() if person.settings is not None}
        assert not self.run(self.store.report(self.domain, [DeviceDown(USERS[0], SourceId("x"), DeviceId("y"))])).epoch
        now, ringing = self.oracle.now, self.oracle.ringing_is_busy
        self.oracle = Oracle(now)
        self.oracle.ringing_is_busy = ringing
        for setting in kept.values():
            self.oracle.apply(setting)
        self._drain(forget)
        self.run(self.store.seed(self.domain, secrets.token_hex(4), ringing, list(kept.values())))
        self._drain(forget)
        self._reload()

    # ------------------------------------------------------------ what must hold

    @invariant()
    def everybody_sees_the_truth(self) -> None:
        if not hasattr(self, "loop"):
            return
        self._sweep()
        self.oracle.forget_what_is_over()
        self._drain(self._apply)
        fresh: FullRead = self.run(self.store.read(self.domain))
        assert self.view.version == fresh.version
        everybody = caller(UserId(99))
        for user in USERS:
            wanted = self.oracle.shown_of(user)
            assert shown(self.view.record_for(everybody, user)) == (OFFLINE if wanted is None else wanted)
            own = self.view.record_for(caller(user), user)
            assert shown(own) == self.oracle.truth_of(user)
            manager = self.view.record_for(caller(UserId(98), Scope.OFFICE_MANAGER), user)
            if wanted is None:
                settings = self.oracle.people[user].settings
                hides = settings is not None and settings.appear_offline
                assert shown(manager) == (OFFLINE if hides else self.oracle.truth_of(user))
        assert {user: words(each) for user, each in self.watcher.items() if not each.gone} == {
            each.user: words(each) for each in _decode_snapshot(self.view.snapshot_for(everybody)).users
        }

    # ------------------------------------------------------------ the gateway's side

    def _sweep(self) -> None:
        while self.run(self.store.tick(self.domain, GatewayId(""), 0)).more:
            pass

    def _reload(self) -> None:
        read = self.run(self.store.read(self.domain))
        self.view.replace(read.epoch, read.version, read.records, read.specials)
        snapshot = _decode_snapshot(self.view.snapshot_for(caller(UserId(99))))
        self.watcher = {each.user: each for each in snapshot.users}
        self.seen = {}

    def _drain(self, take: Callable[[bytes], None]) -> None:
        """All messages that were published until now: a marker sent behind them says when."""
        marker = secrets.token_bytes(8)
        self.run(self.client.spublish(keys.domain_channel(self.domain), marker))
        while True:
            message = self.run(self.pubsub.get_message(timeout=5))
            if message is None or message["type"] != "smessage":
                continue
            if message["data"] == marker:
                return
            take(message["data"])

    def _apply(self, payload: bytes) -> None:
        """What the gateway does with a message, and what a watcher without privileges makes of it."""
        before = self.view.version
        update = self.view.apply(payload)
        assert not isinstance(update, Gap)
        if not update:
            return
        everybody = caller(UserId(99))
        records = [record for _, _, record in self.view.plain_records_since(before)]
        for special in self.view.specials_since(before):
            told = self.view.special_delivery(everybody, special, before)
            if told is not None:
                records.append(told)
        for record in _decode_changed(self.view.changed(b",".join(records))).users:
            assert record.rev > self.seen.get(record.user, -1)
            self.seen[record.user] = record.rev
            self.watcher[record.user] = record


def test_whatever_happens_every_view_equals_the_rules_of_the_product(servers: EmbeddedServers) -> None:
    PresenceMachine.servers = servers
    run_state_machine_as_test(
        PresenceMachine,
        settings=settings(
            max_examples=35,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )
