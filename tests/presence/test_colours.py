"""The colour rule, against the table of the product."""

import pytest

from presence.colours import Parts, colour_of, rule_table
from wire.records import Calls, Colour, Reason


@pytest.mark.parametrize(
    ("parts", "ringing_is_busy", "colour", "reason"),
    [
        (Parts(), False, Colour.OFFLINE, Reason.NOT_REGISTERED),
        (Parts(phone=True), False, Colour.GREEN, Reason.REGISTERED),
        (Parts(chat=True), False, Colour.BLUE, Reason.CHAT),
        (Parts(chat=True, phone=True), False, Colour.BLUE, Reason.CHAT),
        (Parts(dnd=True), False, Colour.RED, Reason.DO_NOT_DISTURB),
        (Parts(dnd=True, chat=True, phone=True), False, Colour.RED, Reason.DO_NOT_DISTURB),
        (Parts(calls=Calls.BUSY), False, Colour.RED, Reason.ON_THE_PHONE),
        (Parts(calls=Calls.BUSY, dnd=True), False, Colour.RED, Reason.ON_THE_PHONE),
        (Parts(calls=Calls.RINGING, phone=True), False, Colour.GREEN, Reason.REGISTERED),
        (Parts(calls=Calls.RINGING, phone=True), True, Colour.RED, Reason.RINGING),
        (Parts(calls=Calls.RINGING, dnd=True), True, Colour.RED, Reason.RINGING),
        (Parts(calls=Calls.RINGING), False, Colour.OFFLINE, Reason.NOT_REGISTERED),
    ],
)
def test_the_first_rule_that_holds_decides(parts: Parts, ringing_is_busy: bool, colour: Colour, reason: Reason) -> None:
    assert colour_of(parts, ringing_is_busy=ringing_is_busy) == (colour, reason)


def test_the_generated_table_has_every_input_where_the_script_looks_for_it() -> None:
    table = rule_table()
    assert len(table) == 3 * 2**4
    for calls_index, calls in enumerate(Calls):
        for bits in range(16):
            parts = Parts(calls, dnd=bool(bits & 8), phone=bool(bits & 4), chat=bool(bits & 2))
            expected = colour_of(parts, ringing_is_busy=bool(bits & 1))
            assert table[calls_index * 16 + bits] == expected
