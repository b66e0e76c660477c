"""What may be done to a group, and what becomes of it: pure decisions, made while the group is locked.

Each takes the group as it is and gives the group as it shall be, with the lines that tell everybody; without a line,
nothing has changed. `actor` is in the group.
"""

from collections.abc import Callable, Sequence

from msgspec import structs

from chat.errors import GroupFull, NotAManager, NotAMember, NotTheCreator
from chat.model import Group, GroupChange
from wire.identity import UserId
from wire.limits import LIMITS
from wire.records import History, Line, LineKind, Role

Decision = Callable[[Group], GroupChange]


def made(creator: UserId, name: str, users: Sequence[UserId], history: History) -> GroupChange:
    """A new group. Raises `GroupFull`."""
    others = sorted(set(users) - {creator})
    roles = {creator: Role.CREATOR} | dict.fromkeys(others, Role.MEMBER)
    _refuse_full(len(roles))
    return GroupChange(Group(name, history, roles), [Line(kind=LineKind.CREATED, users=others, name=name)])


def renamed(group: Group, name: str) -> GroupChange:
    if name == group.name:
        return _nothing(group)
    return GroupChange(structs.replace(group, name=name), [Line(kind=LineKind.RENAMED, name=name)])


def with_history(group: Group, actor: UserId, history: History) -> GroupChange:
    """Raises `NotAManager`."""
    _refuse_members(group, actor)
    if history is group.history:
        return _nothing(group)
    return GroupChange(structs.replace(group, history=history), [Line(kind=LineKind.HISTORY, history=history)])


def with_added(group: Group, users: Sequence[UserId]) -> GroupChange:
    """Raises `GroupFull`."""
    added = sorted(set(users) - set(group.roles))
    if not added:
        return _nothing(group)
    roles = group.roles | dict.fromkeys(added, Role.MEMBER)
    _refuse_full(len(roles))
    return GroupChange(structs.replace(group, roles=roles), [Line(kind=LineKind.ADDED, users=added)])


def without(group: Group, actor: UserId, user: UserId) -> GroupChange:
    """Raises `NotAManager`, `NotTheCreator`."""
    _refuse_members(group, actor)
    if user not in group.roles:
        return _nothing(group)
    if group.roles[user] is Role.CREATOR and user != actor:
        raise NotTheCreator
    if user == actor:
        return left_by(group, user)
    return GroupChange(_gone(group, user), [Line(kind=LineKind.REMOVED, users=[user])])


def left_by(group: Group, user: UserId) -> GroupChange:
    """A group without anybody to manage it gets a manager: whoever has been in it for longest."""
    rest = _gone(group, user)
    lines = [Line(kind=LineKind.LEFT)]
    if rest.roles and not any(_manages(role) for role in rest.roles.values()):
        heir = next(iter(rest.roles))
        rest = structs.replace(rest, roles=rest.roles | {heir: Role.MANAGER})
        lines.insert(0, Line(kind=LineKind.MANAGERS, users=[heir]))
    return GroupChange(rest, lines)


def with_manager(group: Group, actor: UserId, user: UserId, *, on: bool) -> GroupChange:
    """Raises `NotAManager`, `NotAMember`, `NotTheCreator`."""
    _refuse_members(group, actor)
    if user not in group.roles:
        raise NotAMember(user)
    if group.roles[user] is Role.CREATOR:
        if on:
            return _nothing(group)
        raise NotTheCreator
    role = Role.MANAGER if on else Role.MEMBER
    if group.roles[user] is role:
        return _nothing(group)
    line = Line(kind=LineKind.MANAGERS if on else LineKind.MEMBERS, users=[user])
    return GroupChange(structs.replace(group, roles=group.roles | {user: role}), [line])


def _nothing(group: Group) -> GroupChange:
    return GroupChange(group, ())


def _gone(group: Group, user: UserId) -> Group:
    return structs.replace(group, roles={each: role for each, role in group.roles.items() if each != user})


def _manages(role: Role) -> bool:
    return role is not Role.MEMBER


def _refuse_members(group: Group, actor: UserId) -> None:
    if not _manages(group.roles[actor]):
        raise NotAManager


def _refuse_full(members: int) -> None:
    if members > LIMITS.group_members:
        raise GroupFull(LIMITS.group_members)
