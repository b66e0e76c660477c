"""The tables of the protocol are complete, and names follow their rules."""

import pytest
from msgspec import Struct

from wire import commands, events, replies
from wire.commands import Command
from wire.errors import CloseCode, ErrorCode, Refused
from wire.events import Event
from wire.protocol import COMMANDS, EVENTS, REPLIES, REPLY_OF
from wire.replies import Failed, Reply
from wire.tagging import snake_case


def test_every_command_has_a_row_that_names_its_reply() -> None:
    assert set(REPLY_OF) == set(COMMANDS)
    assert {reply for reply in REPLY_OF.values() if reply} <= set(REPLIES)


def test_every_reply_is_given_to_some_command() -> None:
    assert {*REPLY_OF.values(), Failed} >= set(REPLIES)


@pytest.mark.parametrize(
    ("base", "module", "union"),
    [(Command, commands, COMMANDS), (Reply, replies, REPLIES), (Event, events, EVENTS)],
)
def test_no_message_is_forgotten_in_its_union(base: type, module: object, union: tuple[type[Struct], ...]) -> None:
    defined = {each for each in vars(module).values() if isinstance(each, type) and issubclass(each, base)}
    bases = {each for each in defined if each.__subclasses__()}
    assert defined - bases == set(union)


def test_no_two_messages_share_a_name() -> None:
    tags = [str(each.__struct_config__.tag) for each in (*COMMANDS, *REPLIES, *EVENTS)]
    assert len(tags) == len(set(tags))
    assert "send_message" in tags


def test_commands_refuse_what_they_do_not_know() -> None:
    assert all(each.__struct_config__.forbid_unknown_fields for each in COMMANDS)


def test_replies_and_events_leave_defaults_out_and_carry_an_id_only_if_they_reply() -> None:
    assert all(each.__struct_config__.omit_defaults for each in (*REPLIES, *EVENTS))
    assert not any("id" in each.__struct_fields__ for each in EVENTS)


def test_every_refusal_has_a_code_of_its_own() -> None:
    codes = [each.code for each in Refused.__subclasses__() if each.__module__ == Refused.__module__]
    assert len(codes) == len(set(codes))
    assert set(ErrorCode) - set(codes) == {ErrorCode.INTERNAL}


def test_the_range_of_a_close_code_says_whether_to_come_back() -> None:
    assert all(4000 <= code < 5000 for code in CloseCode)
    assert CloseCode.SLOW_READER.should_reconnect
    assert not CloseCode.SESSION_ENDED.should_reconnect


def test_names_become_snake_case() -> None:
    assert [snake_case(name) for name in ("Alive", "SendMessage", "SetDnd")] == ["alive", "send_message", "set_dnd"]
