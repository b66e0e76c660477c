"""How much goes into one answer: pure decisions about pages.

A page is limited in items and in bytes, since a client with a slow line must be able to take any answer: a page may
hold fewer items than were asked for, but at least one, and says whether there are more.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

from chat.model import Behind, Stretch
from wire.records import Conversation, Message

PAGE_BYTES = 131_072
"""Of text in one page; half of what may wait for one client (connections/session.py)."""
CATCH_UP_MESSAGES = 500
"""Sent unasked after a reconnect, over all conversations; clients ask for the rest when somebody looks at it."""
CATCH_UP_PER_CONVERSATION = 100

_OVERHEAD = 200
"""Roughly what surrounds a text on the wire."""

Item = TypeVar("Item")


def how_many_fit(items: Sequence[Item], most: int, size_of: Callable[[Item], int], budget: int = PAGE_BYTES) -> int:
    """How many of the first `items` make one page: at most `most`, within the budget, but never none of some."""
    taken = 0
    for item in items[:most]:
        budget -= size_of(item)
        if budget < 0 and taken:
            break
        taken += 1
    return taken


def size_of_message(message: Message) -> int:
    reactions = sum(40 + 10 * len(reaction.users) for reaction in message.reactions)
    extras = 3 * _OVERHEAD * len(message.files) + 10 * len(message.mentions) + reactions
    return _OVERHEAD + len(message.body.encode()) + extras


def size_of_conversation(conversation: Conversation) -> int:
    last = conversation.last_message
    return _OVERHEAD + 60 * len(conversation.members) + (size_of_message(last) if last else 0)


def plan_catch_up(behind: Sequence[Behind], most: int = CATCH_UP_MESSAGES) -> list[Stretch]:
    """What to read for a client that was away: `behind` in the order of interest, until the budget is spent."""
    stretches = []
    for each in behind:
        length = min(each.last_seq - each.after, CATCH_UP_PER_CONVERSATION, most)
        if length <= 0:
            break
        stretches.append(Stretch(each.conversation, each.after, each.after + length))
        most -= length
    return stretches
