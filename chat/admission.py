"""Who is let in to what: the questions that every part of chat asks before it does anything."""

from collections.abc import Callable, Mapping, Sequence

from chat.errors import EmptyMessage, EmptyName, MaskedFromChat, MessageTooLong, PersonNotFound
from chat.model import Person
from chat.text import clean_body, clean_line
from wire.errors import Invalid
from wire.identity import Caller, Scope, UserId
from wire.limits import LIMITS

MaySeeUnlisted = Callable[[Caller, UserId, Scope, str | None], bool]
"""`may_see_unlisted(caller, user, scope, site)`: whether the caller may know of an unlisted user."""


def refuse_masked(caller: Caller) -> None:
    if caller.operator is not None:
        raise MaskedFromChat


def refuse_strangers(
    caller: Caller,
    users: Sequence[UserId],
    people: Mapping[UserId, Person],
    may_see_unlisted: MaySeeUnlisted,
    field: str = "user",
) -> None:
    """Raises `PersonNotFound` for the first of `users` who is nobody, or whom the caller may not see."""
    for user in users:
        person = people.get(user)
        if person is None or not _may_meet(caller, person, may_see_unlisted):
            raise PersonNotFound(user, field)


def _may_meet(caller: Caller, person: Person, may_see_unlisted: MaySeeUnlisted) -> bool:
    if person.listed or person.user == caller.user:
        return True
    return may_see_unlisted(caller, person.user, person.scope, person.site)


def readable(typed: str, *, may_be_empty: bool = False) -> str:
    """A message's text as it is kept. Raises `EmptyMessage`, `MessageTooLong`."""
    body = clean_body(typed)
    if not body and not may_be_empty:
        raise EmptyMessage
    if len(body) > LIMITS.message_length:  # composing can make a text longer
        raise MessageTooLong(LIMITS.message_length)
    return body


def name_of(typed: str) -> str:
    """A group's name as it is kept. Raises `EmptyName`, `Invalid`."""
    name = clean_line(typed)
    if not name:
        raise EmptyName
    if len(name) > LIMITS.name_length:
        raise Invalid(f"A name has at most {LIMITS.name_length} characters", field="name")
    return name
