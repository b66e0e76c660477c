"""Records in the shape that the documentation of the API gives; none of them was recorded."""

import math

import pytest

from pbx.adapter.addresses import Domains
from pbx.adapter.board import Leg
from pbx.netsapiens.calls import Calls
from pbx.netsapiens.devices import registration_of
from pbx.netsapiens.dnd import dnd_of, rule_with_dnd, time_frames
from pbx.netsapiens.records import text_of, time_of, user_of
from wire.ingest import Phase, Role

DOMAINS = Domains(frozenset({"acme.test"}), {})
ANNA, BEN = "1001@acme.test", "1002@acme.test"

DEVICE = {
    "device": "1001m",
    "user": "1001",
    "domain": "acme.test",
    "device-sip-registration-state": "registered",
    "device-sip-registration-contact": "sip:1001m@192.0.2.4:5060",
    "device-sip-registration-expires-datetime": "2026-11-25T20:00:00+00:00",
    "device-sip-registration-ip-address": "192.0.2.4",
    "device-sip-registration-user-agent": "Deskphone/1.0",
}
CALL = {
    "domain": "acme.test",
    "call-orig-call-id": "o-1",
    "call-orig-user": "1001",
    "call-orig-domain": "acme.test",
    "call-orig-request-user": "1002",
    "call-term-call-id": "t-1",
    "call-term-user": 1002,
    "call-term-domain": "acme.test",
    "call-answer-datetime": None,
}
ANSWERED = {"call-answer-datetime": "2026-11-25 20:00:09"}


def told(calls: Calls, **fields: object) -> set[tuple[str, Role, Phase]]:
    legs = calls.told({**CALL, **{name.replace("_", "-"): value for name, value in fields.items()}})
    return {(leg.user, leg.role, leg.phase) for leg in legs}


def test_a_registered_device_is_one_with_the_rest_of_its_lease_and_some_slack() -> None:
    device = registration_of(DEVICE, DOMAINS, offset=-3_600.0, slack=90.0)
    assert device is not None
    expires = time_of(DEVICE, "device-sip-registration-expires-datetime")
    assert expires is not None
    assert (device.user, device.device, device.ends_at) == (ANNA, "1001m", expires - 3_600 + 90)
    assert (device.received, device.user_agent, device.ignored) == ("192.0.2.4", "Deskphone/1.0", False)


@pytest.mark.parametrize(
    "changed",
    [
        {"device-sip-registration-state": "unregistered"},
        {"device-sip-registration-state": None},
        {"domain": "other.test"},
        {"user": ""},
        {"device": ""},
    ],
)
def test_what_is_not_registered_or_not_ours_is_no_device(changed: dict[str, object]) -> None:
    assert registration_of({**DEVICE, **changed}, DOMAINS, 0.0, 0.0) is None


@pytest.mark.parametrize("expires", ["", None, "never", "0000-00-00 00:00:00"])
def test_a_device_without_an_expiry_is_there_until_the_list_says_otherwise(expires: str | None) -> None:
    device = registration_of({**DEVICE, "device-sip-registration-expires-datetime": expires}, DOMAINS, 0.0, 90.0)
    assert device is not None
    assert device.ends_at == math.inf


@pytest.mark.parametrize(
    ("name", "user"),
    [
        ("1001", ANNA),
        (1001, ANNA),
        ("1001m", ANNA),
        ("1001wp", ANNA),
        ("1001_mobile", ANNA),
        ("sip:1001M@acme.test", ANNA),
        ("<sip:1001@acme.test;transport=tcp>", ANNA),
        ("queue_600", "queue_600@acme.test"),
        ("sip:1001@other.test", None),
        ("", None),
        (None, None),
    ],
)
def test_users_are_found_by_extension_device_or_address(name: object, user: str | None) -> None:
    assert user_of({"who": name, "domain": "acme.test"}, DOMAINS, ("who",), ("domain",)) == user


def test_values_are_read_whatever_type_they_have() -> None:
    record = {"a": 7, "b": "", "c": "x", "d": True, "e": ["no"]}
    assert [text_of(record, name) for name in ("a", "c", "d", "e", "f")] == ["7", "x", "yes", "", ""]
    assert text_of(record, "b", "c") == "x"


def test_a_time_without_a_zone_is_utc() -> None:
    assert time_of({"t": "2026-11-25 20:00:00"}, "t") == time_of({"t": "2026-11-25T21:00:00+01:00"}, "t")


# ---------------------------------------------------------------- calls


def test_an_internal_call_has_a_leg_on_each_side() -> None:
    calls = Calls(DOMAINS)
    assert told(calls) == {(ANNA, Role.CALLER, Phase.TRYING), (BEN, Role.CALLEE, Phase.RINGING)}
    assert told(calls, **ANSWERED) == {(ANNA, Role.CALLER, Phase.ACTIVE), (BEN, Role.CALLEE, Phase.ACTIVE)}
    assert told(calls, remove="yes") == {(ANNA, Role.CALLER, Phase.ENDED), (BEN, Role.CALLEE, Phase.ENDED)}


def test_a_number_outside_has_no_leg() -> None:
    inbound = told(Calls(DOMAINS), call_orig_user="4912345", call_orig_domain="carrier.test")
    assert inbound == {(BEN, Role.CALLEE, Phase.RINGING)}


def test_a_caller_whose_call_rings_for_several_stays_busy_until_the_last_is_removed() -> None:
    calls = Calls(DOMAINS)
    told(calls)
    told(calls, call_term_call_id="t-2", call_term_user="1003", **ANSWERED)
    first_gone = told(calls, remove="yes")
    assert (BEN, Role.CALLEE, Phase.ENDED) in first_gone
    assert (ANNA, Role.CALLER, Phase.ACTIVE) in first_gone
    last_gone = told(calls, call_term_call_id="t-2", call_term_user="1003", remove="yes")
    assert (ANNA, Role.CALLER, Phase.ENDED) in last_gone


def test_a_call_whose_beginning_was_missed_still_ends() -> None:
    assert (BEN, Role.CALLEE, Phase.ENDED) in told(Calls(DOMAINS), remove="yes")


def test_a_call_that_is_over_is_so_even_if_nobody_removed_it() -> None:
    calls = Calls(DOMAINS)
    assert calls.listed([{**CALL, "call-disconnect-datetime": "2026-11-25 20:01:00"}]) == []


def test_a_feature_code_makes_nobody_busy() -> None:
    dialled = told(Calls(DOMAINS), call_orig_request_user="*78", call_term_user="", call_term_call_id="")
    assert dialled == set()


def test_the_older_names_of_fields_are_understood() -> None:
    record = {
        "orig_callid": "o-1",
        "orig_user": "1001",
        "orig_domain": "acme.test",
        "term_callid": "t-1",
        "term_user": "1002",
        "term_domain": "acme.test",
        "time_answer": "2026-11-25 20:00:09",
    }
    assert [(leg.user, leg.phase) for leg in Calls(DOMAINS).told(record)] == [(BEN, Phase.ACTIVE), (ANNA, Phase.ACTIVE)]


def test_a_list_and_the_posts_name_the_same_legs() -> None:
    by_post: list[Leg] = list(Calls(DOMAINS).told(CALL))
    assert Calls(DOMAINS).listed([CALL]) == by_post


@pytest.mark.parametrize("record", [{}, {"remove": "yes"}, {"call-orig-user": "1001"}, {"call-orig-call-id": ["x"]}])
def test_records_that_name_no_call_are_passed_over(record: dict[str, object]) -> None:
    assert list(Calls(DOMAINS).told(record)) == []
    assert Calls(DOMAINS).listed([record]) == []


# ---------------------------------------------------------------- Do Not Disturb


def rule(name: str, on: str, **fields: object) -> dict[str, object]:
    return {"time-frame": name, "do-not-disturb": {"enabled": on}, "enabled": "yes", **fields}


@pytest.mark.parametrize(
    ("rules", "on"),
    [
        ([], False),
        ([rule("*", "yes")], True),
        ([rule("*", "yes", **{"is-active": False}), rule("Night", "no", **{"is-active": True})], False),
        ([rule("*", "no", order=99), rule("Night", "yes", order="1")], True),
        ([rule("*", "yes", enabled="no")], False),
        ([{"time-frame": "*", "do-not-disturb": None}], False),
    ],
)
def test_the_rule_in_force_decides(rules: list[dict[str, object]], on: bool) -> None:
    assert dnd_of(rules) is on


def test_whoever_wants_quiet_wants_it_in_every_time_frame() -> None:
    assert time_frames([rule("*", "no"), rule("Night", "no")]) == ["*", "Night"]
    assert time_frames([]) == ["*"]
    assert rule_with_dnd(True) == {"do-not-disturb": {"enabled": "yes"}}
