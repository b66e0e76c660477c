"""Messages in the shape that Asterisk's documentation gives; none of them was recorded."""

import math

import pytest

from pbx.adapter.addresses import UserPattern
from pbx.adapter.board import Leg
from pbx.asterisk.ami import AmiMessage
from pbx.asterisk.channels import Channels
from pbx.asterisk.contacts import contact_in_list, contact_news, peer_in_list, peer_news
from pbx.asterisk.dnd import DndStore, dnd_in_output, dnd_in_tree, dnd_news
from wire.ingest import Phase, Role

USERS = UserPattern(r"(?P<extension>\d{1,15})", {}, "acme.test")
ANNA = "1001@acme.test"


def message(**fields: str) -> AmiMessage:
    return AmiMessage({name.replace("_", "-").lower(): value for name, value in fields.items()})


CONTACT = {
    "Event": "ContactList",
    "ObjectType": "contact",
    "ObjectName": "1001;@8f1c2d3e4f5a6b7c8d9e0f1a2b3c4d5e",
    "ViaAddr": "192.0.2.7",
    "ViaPort": "5060",
    "CallId": "a@192.0.2.7",
    "Endpoint": "1001",
    "Uri": "sip:1001@192.0.2.7:5060;transport=udp",
    "UserAgent": "Deskphone/1.0",
    "ExpirationTime": "1795000600",
    "Status": "Reachable",
    "RoundtripUsec": "1532",
}


def test_a_contact_in_the_list_is_a_device_with_the_rest_of_its_lease_and_some_slack() -> None:
    device = contact_in_list(message(**CONTACT), USERS, offset=-100.0, slack=90.0)
    assert device is not None
    assert (device.user, device.device) == (ANNA, CONTACT["Uri"])
    assert device.ends_at == 1_795_000_600 - 100 + 90
    assert (device.received, device.user_agent) == ("192.0.2.7:5060", "Deskphone/1.0")


@pytest.mark.parametrize(
    ("changed", "is_there"),
    [
        ({"Status": "NonQualified"}, True),
        ({"Status": "Unknown"}, True),
        ({"Status": "Unreachable"}, False),
        ({"Endpoint": "trunk-provider"}, False),
        ({"Endpoint": ""}, True),
        ({"Endpoint": "", "ObjectName": "1001@@8f1c"}, True),
        ({"Uri": ""}, False),
    ],
)
def test_only_contacts_of_users_that_may_be_reached_are_devices(changed: dict[str, str], is_there: bool) -> None:
    assert (contact_in_list(message(**CONTACT | changed), USERS, 0.0, 0.0) is not None) is is_there


@pytest.mark.parametrize("expires", ["0", "", "never"])
def test_a_contact_without_an_expiry_is_there_until_asterisk_says_otherwise(expires: str) -> None:
    device = contact_in_list(message(**CONTACT | {"ExpirationTime": expires}), USERS, 0.0, 90.0)
    assert device is not None
    assert device.ends_at == math.inf


@pytest.mark.parametrize(
    ("status", "is_up"),
    [
        ("Created", True),
        ("NonQualified", True),
        ("Unqualified", True),
        ("Reachable", True),
        ("Updated", True),
        ("Unreachable", False),
        ("Removed", False),
    ],
)
def test_the_status_of_a_contact_says_whether_the_device_is_there(status: str, is_up: bool) -> None:
    told = message(Event="ContactStatus", URI=CONTACT["Uri"], ContactStatus=status, AOR="1001", EndpointName="1001")
    news = contact_news(told, USERS, 1_795_000_090.0)
    assert news is not None
    assert (news[0].user, news[0].device, news[1]) == (ANNA, CONTACT["Uri"], is_up)


def test_a_status_that_is_new_to_us_says_nothing() -> None:
    assert contact_news(message(URI="sip:a", ContactStatus="Pondering", AOR="1001"), USERS, 0.0) is None


def test_peers_of_chan_sip_are_devices_and_those_of_pjsip_are_left_to_contacts() -> None:
    entry = message(Event="PeerEntry", ObjectName="1001", IPaddress="192.0.2.7", IPport="5060", Status="OK (5 ms)")
    device = peer_in_list(entry, USERS)
    assert device is not None
    assert device.device == "SIP/1001"
    assert peer_in_list(message(ObjectName="1001", IPaddress="-none-", Status="UNKNOWN"), USERS) is None
    assert peer_in_list(message(ObjectName="1001", IPaddress="192.0.2.7", Status="UNREACHABLE"), USERS) is None
    registered = peer_news(message(ChannelType="SIP", Peer="SIP/1001", PeerStatus="Registered"), USERS)
    assert registered is not None
    assert (registered[0].device, registered[1]) == ("SIP/1001", True)
    assert peer_news(message(ChannelType="PJSIP", Peer="PJSIP/1001", PeerStatus="Reachable"), USERS) is None


# ---------------------------------------------------------------- channels


def channel(state: str, *, name: str = "PJSIP/1001-0000001a", unique: str = "1795.1", **more: str) -> AmiMessage:
    return message(Channel=name, ChannelState=state, Uniqueid=unique, **{"Linkedid": unique, "Exten": "1002", **more})


def test_who_dials_is_off_the_hook_at_once_and_active_when_answered() -> None:
    channels = Channels(USERS)
    assert channels.changed(channel("0")) is None
    assert channels.changed(channel("4")) == Leg("1795.1", ANNA, Role.CALLER, Phase.TRYING, "PJSIP/1001")
    assert channels.changed(channel("6")) == Leg("1795.1", ANNA, Role.CALLER, Phase.ACTIVE, "PJSIP/1001")
    assert channels.hung_up(channel("6")) == "1795.1"


def test_who_is_called_rings_and_stays_the_callee_when_answering() -> None:
    channels = Channels(USERS)
    channels.changed(channel("0", Exten="s", Linkedid="1795.0"))
    ringing = channels.changed(channel("5", Linkedid="1795.0"))
    active = channels.changed(channel("6", Linkedid="1795.0"))
    assert ringing is not None
    assert active is not None
    assert (ringing.role, ringing.phase) == (Role.CALLEE, Phase.RINGING)
    assert (active.role, active.phase) == (Role.CALLEE, Phase.ACTIVE)


@pytest.mark.parametrize(
    ("more", "role"),
    [
        ({}, Role.CALLER),
        ({"Linkedid": "1795.0"}, Role.CALLEE),
        ({"Application": "AppDial"}, Role.CALLEE),
    ],
)
def test_of_a_channel_that_is_up_when_first_seen_the_list_says_who_began(more: dict[str, str], role: Role) -> None:
    leg = Channels(USERS).changed(channel("6", **more))
    assert leg is not None
    assert leg.role is role


@pytest.mark.parametrize(
    "name", ["Local/1001@from-queue-00000001;1", "PJSIP/trunk-provider-00000002", "Message/ast_msg_queue", ""]
)
def test_what_nobody_holds_in_a_hand_is_no_leg(name: str) -> None:
    assert Channels(USERS).changed(channel("6", name=name)) is None


def test_a_feature_code_is_no_call_whatever_becomes_of_it() -> None:
    channels = Channels(USERS)
    assert channels.changed(channel("4", Exten="*78")) is None
    assert channels.changed(channel("6", Exten="s")) is None


def test_a_channel_that_changes_places_keeps_the_name_of_the_phone() -> None:
    channels = Channels(USERS)
    channels.changed(channel("5", Linkedid="1795.0"))
    assert channels.renamed(message(Uniqueid="1795.1", Newname="PJSIP/1001-0000001a<MASQ>")) is None
    taken = channels.renamed(message(Uniqueid="1795.1", Newname="PJSIP/1002-0000001b"))
    assert taken == Leg("1795.1", "1002@acme.test", Role.CALLEE, Phase.RINGING, "PJSIP/1002")


def test_many_customers_on_one_asterisk_are_told_apart_by_a_pattern() -> None:
    users = UserPattern(r"(?P<domain>[a-z]+)-(?P<extension>\d+)", {"acme": "acme.test"}, None)
    assert users.address("acme-1001") == ANNA
    assert users.address("other.example-1001") is None
    assert users.address("1001") is None
    assert UserPattern(r"(?P<extension>\d+)_(?P<domain>.+)", {}, None).address("1001_Acme.Test") == ANNA


# ---------------------------------------------------------------- Do Not Disturb


@pytest.mark.parametrize(
    ("device", "state", "expected"),
    [
        ("Custom:DND1001", "BUSY", (ANNA, True)),
        ("Custom:DND1001", "NOT_INUSE", (ANNA, False)),
        ("Custom:DND1001", "PONDERING", None),
        ("Custom:DEVDND1001", "BUSY", None),
        ("PJSIP/1001", "BUSY", None),
    ],
)
def test_a_custom_device_state_is_do_not_disturb(device: str, state: str, expected: tuple[str, bool] | None) -> None:
    told = message(Event="DeviceStateChange", Device=device, State=state)
    assert dnd_news(told, DndStore.DEVICE_STATE, USERS) == expected
    assert dnd_news(told, DndStore.PRESENCE_STATE, USERS) is None


def test_a_custom_presence_is_do_not_disturb_where_it_is_kept_that_way() -> None:
    told = message(Event="PresenceStateChange", Presentity="CustomPresence:1001", Status="dnd")
    assert dnd_news(told, DndStore.PRESENCE_STATE, USERS) == (ANNA, True)
    away = message(Event="PresenceStateChange", Presentity="CustomPresence:1001", Status="away")
    assert dnd_news(away, DndStore.PRESENCE_STATE, USERS) == (ANNA, False)


def test_the_database_lists_who_has_it_in_both_of_its_forms() -> None:
    tree = [message(Key="/DND/1001", Val="YES"), message(Key="/DND/1002", Val=""), message(Key="/CW/1003", Val="YES")]
    assert list(dnd_in_tree(tree, USERS)) == [ANNA]
    printed = ["/DND/1001                                         : YES", "/DND/trunk : YES", "2 results found."]
    assert list(dnd_in_output(printed, USERS)) == [ANNA]
