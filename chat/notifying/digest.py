"""A digest of unread messages as the values of a mail. Pure."""

import hashlib
from collections.abc import Sequence

from chat.notifying.model import DueMessages, DueUser
from words.catalogue import Words, counted
from words.languages import words_in

MOST_CONVERSATIONS = 8
MOST_EXCERPTS = 3
LONGEST_EXCERPT = 300


def title_of(due: Sequence[DueMessages], words: Words) -> str:
    count = sum(each.about.unread for each in due)
    messages = counted(count, words.unread_one, words.unread_many)
    if len(due) > 1:
        return words.unread_in_several.format(messages=messages, count=len(due))
    about = due[0].about
    if about.is_group:
        return words.unread_in_group.format(messages=messages, group=about.title)
    return words.unread_of_person.format(messages=messages, who=about.title or words.somebody)


def values_of(user: DueUser, due: Sequence[DueMessages], public_url: str) -> dict[str, object]:
    """`public_url` empty: there is nothing to link to."""
    words = words_in(user.language)
    return {
        "title": title_of(due, words),
        "talks": [_talk(each, words, public_url) for each in due[:MOST_CONVERSATIONS]],
        "others": max(0, len(due) - MOST_CONVERSATIONS),
        "company": user.company or user.domain,
        "minutes": user.minutes,
    }


def key_of(user: DueUser, due: Sequence[DueMessages]) -> str:
    """The same for the same messages to the same user: if a mail goes out twice, it can be seen that it did."""
    told = ",".join(f"{each.about.conversation}:{each.about.upto}" for each in due)
    return hashlib.sha256(f"unread/{user.domain}/{user.user}/{told}".encode()).hexdigest()


def excerpt_of(body: str, files: int, words: Words) -> str:
    text = body.strip()
    if not text:
        return counted(files, words.files_one, words.files_many)
    return text if len(text) <= LONGEST_EXCERPT else text[: LONGEST_EXCERPT - 1].rstrip() + "…"


def _talk(each: DueMessages, words: Words, public_url: str) -> dict[str, object]:
    return {
        "title": each.about.title or words.somebody,
        "is_group": each.about.is_group,
        "unread": each.about.unread,
        "messages": each.excerpts,
        "link": f"{public_url}/app/chats/{each.about.conversation}" if public_url else "",
    }
