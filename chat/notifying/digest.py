"""A digest of unread messages as the values of a mail. Pure."""

import hashlib
from collections.abc import Sequence

from chat.notifying.model import DueMessages, DueUser

MOST_CONVERSATIONS = 8
MOST_EXCERPTS = 3
LONGEST_EXCERPT = 300


def title_of(due: Sequence[DueMessages]) -> str:
    count = sum(each.about.unread for each in due)
    messages = "1 unread message" if count == 1 else f"{count} unread messages"
    if len(due) == 1:
        where = "in" if due[0].about.is_group else "from"
        return f"{messages} {where} {due[0].about.title or 'somebody'}"
    return f"{messages} in {len(due)} conversations"


def values_of(user: DueUser, due: Sequence[DueMessages], public_url: str) -> dict[str, object]:
    """`public_url` empty: there is nothing to link to."""
    return {
        "title": title_of(due),
        "talks": [_talk(each, public_url) for each in due[:MOST_CONVERSATIONS]],
        "others": max(0, len(due) - MOST_CONVERSATIONS),
        "company": user.company or user.domain,
        "minutes": user.minutes,
    }


def key_of(user: DueUser, due: Sequence[DueMessages]) -> str:
    """The same for the same messages to the same user: if a mail goes out twice, it can be seen that it did."""
    told = ",".join(f"{each.about.conversation}:{each.about.upto}" for each in due)
    return hashlib.sha256(f"unread/{user.domain}/{user.user}/{told}".encode()).hexdigest()


def excerpt_of(body: str, files: int) -> str:
    text = body.strip()
    if not text:
        return "(1 file)" if files == 1 else f"({files} files)"
    return text if len(text) <= LONGEST_EXCERPT else text[: LONGEST_EXCERPT - 1].rstrip() + "…"


def _talk(each: DueMessages, public_url: str) -> dict[str, object]:
    return {
        "title": each.about.title or "Somebody",
        "is_group": each.about.is_group,
        "unread": each.about.unread,
        "messages": each.excerpts,
        "link": f"{public_url}/app/chats/{each.about.conversation}" if public_url else "",
    }
