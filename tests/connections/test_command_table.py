"""The table of commands is complete, and every handler is what the protocol says of its command."""

import typing

import pytest

from connections.dispatch import COMMANDS
from wire.commands import Command
from wire.protocol import REPLY_OF


def test_every_command_has_a_handler() -> None:
    assert set(COMMANDS) == set(REPLY_OF)


@pytest.mark.parametrize("kind", COMMANDS, ids=lambda kind: kind.__name__)
def test_a_handler_is_named_as_its_command_and_gives_the_reply_that_is_documented(kind: type[Command]) -> None:
    handler = COMMANDS[kind].handler
    annotations = typing.get_type_hints(handler)
    assert handler.__name__ == kind.__struct_config__.tag
    assert kind in annotations.values()
    assert annotations["return"] is (REPLY_OF[kind] or type(None))


def test_every_command_costs_something() -> None:
    assert all(row.cost > 0 for row in COMMANDS.values())
