"""What may be done to a group, without a database."""

import pytest

from chat import groups
from chat.errors import GroupFull, NotAManager, NotAMember, NotTheCreator
from chat.model import Group, GroupChange
from wire.identity import UserId
from wire.limits import LIMITS
from wire.records import History, Line, LineKind, Role

ANNA, BEN, CAROL, DORA = (UserId(number) for number in range(1, 5))
GROUP = Group("Sales", History.ALL, {ANNA: Role.CREATOR, BEN: Role.MANAGER, CAROL: Role.MEMBER})


def lines(change: GroupChange) -> list[tuple[LineKind, list[UserId]]]:
    return [(line.kind, line.users) for line in change.lines]


def test_a_group_is_made_by_its_creator_with_everybody_once() -> None:
    change = groups.made(BEN, "Sales", [CAROL, ANNA, CAROL, BEN], History.JOINED)
    assert change.group == Group("Sales", History.JOINED, {BEN: Role.CREATOR, ANNA: Role.MEMBER, CAROL: Role.MEMBER})
    assert change.lines == [Line(kind=LineKind.CREATED, users=[ANNA, CAROL], name="Sales")]


def test_a_name_that_is_the_same_changes_nothing() -> None:
    assert groups.renamed(GROUP, "Sales").lines == ()
    assert groups.renamed(GROUP, "Support").group.name == "Support"


def test_who_is_in_it_already_is_not_added_again() -> None:
    change = groups.with_added(GROUP, [CAROL, DORA, DORA])
    assert lines(change) == [(LineKind.ADDED, [DORA])]
    assert change.group.roles == GROUP.roles | {DORA: Role.MEMBER}
    assert groups.with_added(GROUP, [CAROL]).lines == ()


def test_a_group_has_a_limit_of_members() -> None:
    everybody = [UserId(number) for number in range(10, 10 + LIMITS.group_members)]
    assert len(groups.made(ANNA, "All", everybody[1:], History.ALL).group.roles) == LIMITS.group_members
    with pytest.raises(GroupFull) as refused:
        groups.made(ANNA, "All", everybody, History.ALL)
    assert refused.value.field == "users"
    with pytest.raises(GroupFull):
        groups.with_added(GROUP, everybody)


def test_only_managers_remove_members_and_nobody_removes_the_creator() -> None:
    assert lines(groups.without(GROUP, BEN, CAROL)) == [(LineKind.REMOVED, [CAROL])]
    assert lines(groups.without(GROUP, ANNA, BEN)) == [(LineKind.REMOVED, [BEN])]
    assert groups.without(GROUP, ANNA, DORA).lines == ()
    with pytest.raises(NotAManager):
        groups.without(GROUP, CAROL, BEN)
    with pytest.raises(NotTheCreator):
        groups.without(GROUP, BEN, ANNA)


def test_a_manager_who_removes_oneself_leaves() -> None:
    assert lines(groups.without(GROUP, BEN, BEN)) == [(LineKind.LEFT, [])]


def test_a_group_whose_last_manager_leaves_is_managed_by_who_was_in_it_for_longest() -> None:
    group = Group("Sales", History.ALL, {CAROL: Role.MEMBER, ANNA: Role.CREATOR, BEN: Role.MEMBER})
    change = groups.left_by(group, ANNA)
    assert change.group.roles == {CAROL: Role.MANAGER, BEN: Role.MEMBER}
    assert lines(change) == [(LineKind.MANAGERS, [CAROL]), (LineKind.LEFT, [])]
    assert lines(groups.left_by(GROUP, ANNA)) == [(LineKind.LEFT, [])]  # Ben manages it still
    assert lines(groups.left_by(Group("Own", History.ALL, {ANNA: Role.CREATOR}), ANNA)) == [(LineKind.LEFT, [])]


def test_managers_say_who_else_is_one() -> None:
    made = groups.with_manager(GROUP, BEN, CAROL, on=True)
    assert lines(made) == [(LineKind.MANAGERS, [CAROL])]
    assert made.group.roles[CAROL] is Role.MANAGER
    assert lines(groups.with_manager(made.group, ANNA, CAROL, on=False)) == [(LineKind.MEMBERS, [CAROL])]
    assert groups.with_manager(GROUP, ANNA, BEN, on=True).lines == ()
    assert groups.with_manager(GROUP, BEN, ANNA, on=True).lines == ()
    with pytest.raises(NotAManager):
        groups.with_manager(GROUP, CAROL, CAROL, on=True)
    with pytest.raises(NotAMember):
        groups.with_manager(GROUP, ANNA, DORA, on=True)
    with pytest.raises(NotTheCreator):
        groups.with_manager(GROUP, BEN, ANNA, on=False)


def test_only_managers_say_what_newcomers_see() -> None:
    assert groups.with_history(GROUP, BEN, History.JOINED).group.history is History.JOINED
    assert groups.with_history(GROUP, BEN, History.ALL).lines == ()
    with pytest.raises(NotAManager):
        groups.with_history(GROUP, CAROL, History.JOINED)
