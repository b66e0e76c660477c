"""What becomes of a message that is edited, deleted or reacted to: pure decisions, made while it is locked.

Each gives the message as it shall be, but for its `rev`; the same message if there is nothing to change.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from datetime import datetime

from msgspec import structs

from chat.errors import EmptyMessage, MessageDeleted, NotAPicture, NotYourMessage, SentOutside, TooManyReactions
from wire.identity import UserId
from wire.limits import LIMITS
from wire.records import Message, Reaction

Decision = Callable[[Message, datetime], Message]

_KEYCAP = re.compile("[0-9#*]\ufe0f?\u20e3")
# After the first: joiners, what makes a picture of a letter, and the tags of which flags are made.
_JOINS_PICTURES = re.compile("[\u200d\ufe0e\ufe0f\U000e0020-\U000e007f]")
_PICTURES = frozenset({"So", "Sk", "Sm"})


def edited(message: Message, by: UserId, body: str, mentions: Sequence[UserId], now: datetime) -> Message:
    """Raises `NotYourMessage`, `MessageDeleted`, `EmptyMessage`."""
    _refuse_others(message, by)
    if message.delivery is not None:
        raise SentOutside
    if not body and not message.files:
        raise EmptyMessage
    if body == message.body and list(mentions) == message.mentions:
        return message
    return structs.replace(message, body=body, mentions=list(mentions), edited_at=now)


def deleted(message: Message, by: UserId, now: datetime) -> Message:
    """Nothing is left but its place: its number, its sender and its times. Raises `NotYourMessage`."""
    if message.deleted_at is not None and message.sender == by:
        return message
    _refuse_others(message, by)
    return structs.replace(message, body="", deleted_at=now, reply_to=0, mentions=[], reactions=[], files=[])


def reacted(message: Message, by: UserId, emoji: str, *, on: bool) -> Message:
    """Raises `MessageDeleted`, `TooManyReactions`. Lines cannot be reacted to (`NotYourMessage`)."""
    if message.deleted_at is not None:
        raise MessageDeleted
    if message.line is not None:
        raise NotYourMessage
    users = next((each.users for each in message.reactions if each.emoji == emoji), [])
    if (by in users) == on:
        return message
    reactions = [_with(each, by, on=on) if each.emoji == emoji else each for each in message.reactions]
    if on and not users:
        if len(message.reactions) >= LIMITS.reactions:
            raise TooManyReactions(LIMITS.reactions)
        reactions.append(Reaction(emoji, [by]))
    return structs.replace(message, reactions=[each for each in reactions if each.users])


def picture_of(typed: str) -> str:
    """One emoji, as it is kept. Raises `NotAPicture`: words beside a message would be messages."""
    emoji = unicodedata.normalize("NFC", typed)
    if not _KEYCAP.fullmatch(emoji) and not (_is_picture(emoji[0]) and all(map(_belongs_to_picture, emoji))):
        raise NotAPicture
    return emoji


def _is_picture(character: str) -> bool:
    return not character.isascii() and unicodedata.category(character) in _PICTURES


def _belongs_to_picture(character: str) -> bool:
    return _is_picture(character) or _JOINS_PICTURES.match(character) is not None


def _with(reaction: Reaction, by: UserId, *, on: bool) -> Reaction:
    users = [*reaction.users, by] if on else [user for user in reaction.users if user != by]
    return Reaction(reaction.emoji, users)


def _refuse_others(message: Message, by: UserId) -> None:
    if message.sender != by or message.line is not None:
        raise NotYourMessage
    if message.deleted_at is not None:
        raise MessageDeleted
