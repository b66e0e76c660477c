"""The colour rule of the product, as one pure function. There is no second copy.

storage/redis/presence.lua needs the answer inside Redis, atomically: it gets `rule_table()`, every answer of this
function for every possible input, generated when the script is loaded.
"""

from itertools import product

from msgspec import Struct

from wire.records import Calls, Colour, Reason


class Parts(Struct, frozen=True):
    """What is known of a user at one moment, pruned of everything whose lease has ended."""

    calls: Calls = Calls.NONE
    """BUSY: at least one call is dialing, active or held. RINGING: else, at least one rings."""
    dnd: bool = False
    phone: bool = False
    """At least one live device that counts for presence."""
    chat: bool = False
    """At least one live session available for chat."""


def colour_of(parts: Parts, *, ringing_is_busy: bool = False) -> tuple[Colour, Reason]:
    """The first rule that holds. `ringing_is_busy` is a setting of the domain."""
    if parts.calls is Calls.BUSY:
        return Colour.RED, Reason.ON_THE_PHONE
    if parts.calls is Calls.RINGING and ringing_is_busy:
        return Colour.RED, Reason.RINGING
    if parts.dnd:
        return Colour.RED, Reason.DO_NOT_DISTURB
    if parts.chat:
        return Colour.BLUE, Reason.CHAT
    if parts.phone:
        return Colour.GREEN, Reason.REGISTERED
    return Colour.OFFLINE, Reason.NOT_REGISTERED


def rule_table() -> list[tuple[str, str]]:
    """(colour, reason) for every input; position = calls*16 + dnd*8 + phone*4 + chat*2 + ringing_is_busy, from 0."""
    answers = product(Calls, (False, True), (False, True), (False, True), (False, True))
    table = []
    for calls, dnd, phone, chat, ringing_is_busy in answers:
        colour, reason = colour_of(Parts(calls, dnd, phone, chat), ringing_is_busy=ringing_is_busy)
        table.append((colour.value, reason.value))
    return table
