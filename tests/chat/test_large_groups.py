"""Where all would tell all: marks and typing in a large group go to those who show it, a second's marks together."""

from dataclasses import dataclass

import pytest

from chat.service import ChatService
from storage.postgres.pool import Pool
from tests.support.chat import Ear, make_client_id, make_company, make_group
from wire.events import DeliveredMarked, MembersMarked, ReadMarked, TypingStarted
from wire.identity import Caller, ConversationId, UserId
from wire.limits import LIMITS
from wire.records import Member


@dataclass
class Crowd:
    members: list[UserId]
    anna: Caller
    ben: Caller
    group: ConversationId


async def make_crowd(pool: Pool, chat: ChatService, ear: Ear, count: int) -> Crowd:
    company, users = await make_company(pool, count)
    anna, ben = company.caller(users[0]), company.caller(users[1])
    group = await make_group(pool, company.domain, users)
    for _ in range(3):
        await chat.send(anna, group, make_client_id(), "hello")
    ear.take()
    return Crowd(users, anna, ben, group)


@pytest.fixture
async def crowd(pool: Pool, chat: ChatService, ear: Ear) -> Crowd:
    return await make_crowd(pool, chat, ear, LIMITS.told_marks_members + 1)


async def test_marks_are_told_at_once_to_ones_own_and_together_to_those_who_show_the_group(
    chat: ChatService, ear: Ear, crowd: Crowd
) -> None:
    await chat.marks.mark_delivered(crowd.anna, crowd.group, 3)
    await chat.marks.mark_delivered(crowd.ben, crowd.group, 2)
    await chat.marks.mark_read(crowd.ben, crowd.group, 2)
    own = [(each.event, each.to, each.shown_in) for each in ear.take()]
    assert own == [
        (DeliveredMarked(conversation=crowd.group, user=crowd.anna.user, seq=3), (crowd.anna.user,), None),
        (DeliveredMarked(conversation=crowd.group, user=crowd.ben.user, seq=2), (crowd.ben.user,), None),
        (ReadMarked(conversation=crowd.group, user=crowd.ben.user, seq=2, unread=1), (crowd.ben.user,), None),
    ]
    await chat.marks.tell_large_groups()
    (told,) = ear.take()
    marks = [Member(crowd.anna.user, 0, 3), Member(crowd.ben.user, 2, 2)]
    assert told.event == MembersMarked(conversation=crowd.group, members=marks)
    assert (told.to, told.shown_in) == (tuple(crowd.members), crowd.group)
    await chat.marks.tell_large_groups()
    assert ear.take() == [], "what was told is not told again"


async def test_typing_is_told_to_those_who_show_the_group(chat: ChatService, ear: Ear, crowd: Crowd) -> None:
    await chat.marks.tell_typing(crowd.ben, crowd.group)
    (told,) = ear.take()
    assert told.event == TypingStarted(conversation=crowd.group, user=crowd.ben.user)
    assert (told.to, told.shown_in) == (tuple(user for user in crowd.members if user != crowd.ben.user), crowd.group)


async def test_in_a_group_that_is_not_large_everybody_is_told_at_once(chat: ChatService, ear: Ear, pool: Pool) -> None:
    crowd = await make_crowd(pool, chat, ear, LIMITS.told_marks_members)
    await chat.marks.mark_read(crowd.ben, crowd.group, 3)
    await chat.marks.tell_typing(crowd.ben, crowd.group)
    assert [(type(each.event), len(each.to or ()), each.shown_in) for each in ear.take()] == [
        (ReadMarked, 1, None),
        (ReadMarked, LIMITS.told_marks_members - 1, None),
        (TypingStarted, LIMITS.told_marks_members - 1, None),
    ]
    await chat.marks.tell_large_groups()
    assert ear.take() == []
