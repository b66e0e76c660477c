"""What is said again when the store forgets."""

from presence.facts import PORTAL, CallChanged, DeviceDown, DeviceUp
from presence.reported import AT_MOST, Reported
from wire.commands import CallPhase
from wire.identity import CallId, DeviceId, DomainId, SourceId, UserId

HERE, THERE = DomainId("here.test"), DomainId("there.test")
ANNA = UserId(1)
SOFT = DeviceUp(ANNA, PORTAL, DeviceId("soft"), ttl_ms=60_000)


def test_what_still_holds_is_said_again_with_the_rest_of_its_time() -> None:
    reported = Reported()
    reported.note(HERE, [SOFT], now_ms=1_000)
    (again,) = reported.again(HERE, [ANNA], now_ms=41_000)
    assert isinstance(again, DeviceUp)
    assert (again.device, again.ttl_ms) == ("soft", 20_000)
    assert reported.again(THERE, [ANNA], now_ms=41_000) == []
    assert reported.again(HERE, [ANNA], now_ms=61_000) == []


def test_who_is_connected_elsewhere_speaks_there() -> None:
    reported = Reported()
    reported.note(HERE, [SOFT], now_ms=0)
    assert reported.again(HERE, [UserId(2)], now_ms=1) == []


def test_what_ended_is_not_said_again() -> None:
    reported = Reported()
    call = CallChanged(ANNA, PORTAL, CallId("c"), CallPhase.ACTIVE, ttl_ms=60_000)
    reported.note(HERE, [SOFT, call], now_ms=0)
    reported.note(HERE, [DeviceDown(ANNA, PORTAL, DeviceId("soft"))], now_ms=1)
    reported.note(HERE, [CallChanged(ANNA, PORTAL, CallId("c"), CallPhase.ENDED, ttl_ms=60_000)], now_ms=2)
    assert reported.again(HERE, [ANNA], now_ms=3) == []


def test_what_a_switch_said_is_its_own_to_repeat() -> None:
    reported = Reported()
    reported.note(HERE, [DeviceUp(ANNA, SourceId("switch"), DeviceId("desk"), ttl_ms=60_000)], now_ms=0)
    assert reported.again(HERE, [ANNA], now_ms=1) == []


def test_what_is_kept_has_a_limit() -> None:
    reported = Reported()
    for number in range(AT_MOST + 5):
        reported.note(HERE, [DeviceUp(UserId(number), PORTAL, DeviceId("d"), ttl_ms=60_000)], now_ms=0)
    again = reported.again(HERE, {UserId(number) for number in range(AT_MOST + 5)}, now_ms=1)
    assert len(again) == AT_MOST
    assert again[0].user == 5
