"""Events and rows in the shape that FreeSWITCH's documentation and source give; none of them was recorded."""

import pytest

from pbx.adapter.addresses import Domains
from pbx.adapter.board import Leg
from pbx.freeswitch.channels import Channels
from pbx.freeswitch.dnd import dnd_in_list, dnd_news, dnd_wished, feature_event
from pbx.freeswitch.registrations import registered, registration_in_list, unregistered
from wire.ingest import Phase, Role

DOMAINS = Domains(frozenset({"acme.test"}), {"192.0.2.1": "acme.test"})
ANNA = "1001@acme.test"
NOW = 1_795_000_000.0

REGISTER = {
    "Event-Name": "CUSTOM",
    "Event-Subclass": "sofia::register",
    "profile-name": "internal",
    "from-user": "1001",
    "from-host": "acme.test",
    "contact": '"" <sip:1001@192.0.2.9:5060>',
    "call-id": "1-a@192.0.2.9",
    "expires": "300",
    "network-ip": "192.0.2.9",
    "network-port": "5060",
    "username": "1001",
    "realm": "acme.test",
    "user-agent": "Deskphone/1.0",
}
ROW = {
    "reg_user": "1001",
    "realm": "acme.test",
    "token": "1-a@192.0.2.9",
    "url": "sofia/internal/sip:1001@192.0.2.9:5060",
    "expires": "1795000360",
    "network_ip": "192.0.2.9",
    "network_port": "5060",
    "network_proto": "udp",
    "hostname": "pbx",
}


def test_an_event_and_the_row_of_the_same_registration_agree() -> None:
    told, listed = registered(REGISTER, DOMAINS, NOW), registration_in_list(ROW, DOMAINS, 0.0)
    assert told is not None
    assert listed is not None
    assert (told.user, told.device, told.ends_at) == (listed.user, listed.device, listed.ends_at)
    assert told.received == listed.received == "192.0.2.9:5060"


def test_the_clock_of_the_switch_does_not_matter() -> None:
    listed = registration_in_list({**ROW, "expires": str(1_795_000_360 - 86_400)}, DOMAINS, 86_400.0)
    assert listed is not None
    assert listed.ends_at == NOW + 360


def test_expiry_names_the_user_differently_from_unregistration() -> None:
    gone = {"from-user": "1001", "from-host": "acme.test", "call-id": "1-a@192.0.2.9"}
    expired = {"user": "1001", "host": "acme.test", "call-id": "1-a@192.0.2.9"}
    assert unregistered(gone, DOMAINS) == unregistered(expired, DOMAINS) == (ANNA, "1-a@192.0.2.9")


@pytest.mark.parametrize(
    ("changed", "user"),
    [
        ({"from-host": "192.0.2.1"}, ANNA),
        ({"from-host": "other.test", "realm": "other.test"}, None),
        ({"from-host": "ACME.test"}, ANNA),
        ({"call-id": ""}, None),
        ({"from-user": "with space"}, None),
    ],
)
def test_only_users_of_our_domains_have_devices(changed: dict[str, str], user: str | None) -> None:
    told = registered(REGISTER | changed, DOMAINS, NOW)
    assert (told.user if told else None) == user


# ---------------------------------------------------------------- channels


def event(state: str, direction: str = "inbound", **more: str) -> dict[str, str]:
    return {
        "Unique-ID": "c-1",
        "Channel-Name": "sofia/internal/1001@acme.test",
        "Call-Direction": direction,
        "Channel-Call-State": state,
        "Channel-Presence-ID": ANNA,
        "Caller-Destination-Number": "1002",
        **{name.replace("_", "-"): value for name, value in more.items()},
    }


@pytest.mark.parametrize(
    ("direction", "state", "role", "phase"),
    [
        ("inbound", "RINGING", Role.CALLER, Phase.TRYING),
        ("inbound", "EARLY", Role.CALLER, Phase.TRYING),
        ("inbound", "ACTIVE", Role.CALLER, Phase.ACTIVE),
        ("inbound", "HELD", Role.CALLER, Phase.HELD),
        ("outbound", "DIALING", Role.CALLEE, Phase.TRYING),
        ("outbound", "RINGING", Role.CALLEE, Phase.RINGING),
        ("outbound", "EARLY", Role.CALLEE, Phase.RINGING),
        ("outbound", "UNHELD", Role.CALLEE, Phase.ACTIVE),
    ],
)
def test_what_comes_in_from_a_phone_is_calling_and_what_goes_out_to_one_is_called(
    direction: str, state: str, role: Role, phase: Phase
) -> None:
    leg = Channels(DOMAINS).changed(event(state, direction))
    assert leg == Leg("c-1", ANNA, role, phase, "sofia/internal/1001@acme.test")


@pytest.mark.parametrize(
    "more",
    [
        {"Channel_Presence_ID": "+4912345@carrier.test"},
        {"Channel_Presence_ID": ""},
        {"Channel_Name": "loopback/1001-a"},
        {"Caller_Destination_Number": "*78"},
        {"Channel_Call_State": "DOWN"},
        {"Unique_ID": ""},
    ],
)
def test_what_nobody_of_ours_holds_in_a_hand_is_no_leg(more: dict[str, str]) -> None:
    assert Channels(DOMAINS).changed(event("ACTIVE", **more)) is None


def test_without_a_presence_id_the_user_is_who_logged_in_or_was_dialled() -> None:
    anonymous = event("RINGING", Channel_Presence_ID="")
    caller = {**anonymous, "variable_user_name": "1001", "variable_domain_name": "acme.test"}
    dialled = {**anonymous, "variable_dialed_user": "1001", "variable_dialed_domain": "acme.test"}
    for told in (caller, dialled):
        leg = Channels(DOMAINS).changed(told)
        assert leg is not None
        assert leg.user == ANNA


def test_a_row_that_says_less_than_the_events_did_is_the_same_leg() -> None:
    channels = Channels(DOMAINS)
    told = channels.changed(event("HELD"))
    row = {"uuid": "c-1", "name": "sofia/internal/1001@acme.test", "callstate": "HELD", "presence_id": "", "dest": "9"}
    assert channels.listed(row) == told
    assert Channels(DOMAINS).listed(row) is None


# ---------------------------------------------------------------- Do Not Disturb


@pytest.mark.parametrize(("said", "on"), [("true", True), ("1", True), ("false", False), ("off", False)])
def test_the_dialplan_says_who_has_set_or_cleared_it(said: str, on: bool) -> None:
    assert dnd_news({"user": "1001@acme.test", "on": said}, DOMAINS) == (ANNA, on)
    assert dnd_news({"user": "1001", "domain": "192.0.2.1", "on": said}, DOMAINS) == (ANNA, on)


@pytest.mark.parametrize("told", [{}, {"user": ANNA}, {"user": "1001@other.test", "on": "true"}])
def test_an_event_that_does_not_say_both_says_nothing(told: dict[str, str]) -> None:
    assert dnd_news(told, DOMAINS) is None


def test_the_key_of_a_phone_is_a_wish_and_the_answer_goes_to_its_profile() -> None:
    pressed = {
        "user": "1001",
        "host": "acme.test",
        "profile_name": "internal",
        "device": "1001",
        "Feature-Action": "SetDoNotDisturb",
        "Feature-Enabled": "true",
    }
    assert dnd_wished(pressed, DOMAINS) == (ANNA, True)
    assert dnd_wished(pressed | {"Feature-Action": "SetCallForward"}, DOMAINS) is None
    assert feature_event(ANNA, True, pressed) == {
        "profile": "internal",
        "user": "1001",
        "host": "acme.test",
        "device": "1001",
        "Feature-Event": "DoNotDisturbEvent",
        "doNotDisturbOn": "on",
    }


def test_the_realm_lists_who_has_it() -> None:
    assert list(dnd_in_list("1001@acme.test,1002@acme.test,x@other.test\n", DOMAINS)) == [ANNA, "1002@acme.test"]
    assert list(dnd_in_list("", DOMAINS)) == []
