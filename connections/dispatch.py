"""The table of commands: which function carries each out, and what it costs. All about running one is here once."""

from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine
from enum import Enum, StrEnum, auto
from math import ceil
from typing import Any

import structlog
from msgspec import UNSET, Struct
from msgspec.structs import asdict

import chat.handlers
import contacts.handlers
import presence.handlers
from chat.service import ChatService
from connections import commands as own
from connections.channel import Channel
from connections.commands import ConnectionService
from connections.rate import TokenBucket
from connections.session import Session
from contacts.listing import PeopleLists
from presence.service import PresenceService
from wire import commands
from wire.commands import Command
from wire.errors import CloseCode, ErrorCode, NotAllowed, Refused, TooMany
from wire.identity import Caller, DomainId
from wire.replies import AnyReply, Failed
from wire.turns import Turns

log = structlog.get_logger(__name__)

Note = Callable[[Caller, str, dict[str, object]], Awaitable[None]]
"""Writes down what a mask has done (accounts/masks/service.py)."""


class Mask(Enum):
    """What becomes of a command of somebody who acts as somebody else. (Chat refuses by itself: chat/admission.py.)"""

    ALLOWED = auto()
    NOTED = auto()
    """Carried out, with a line in the audit."""
    REFUSED = auto()
    """It would say of the user what is true of the operator."""


COMMANDS_AT_ONCE = 256
"""Commands that wait for a store: some ten milliseconds of its work, which is what another domain's may wait for."""
CHANGES_AT_ONCE = 6
"""Of these each has a transaction of its own: fewer than there are connections to the database, which others need."""
MOST_COMMANDS_WAITING = 20_000
"""A connection has one at a time under way, so that this is as many connections."""
REFUSALS_A_SECOND, REFUSALS_AT_ONCE = 20.0, 300.0


class Kind(StrEnum):
    """What a command does, for what a domain may ask together (rate.py: Budget)."""

    LIVE = auto()
    """Said of the connection, or gone in a moment; waits for no store."""
    CHANGE = auto()
    """Changes somebody's presence."""
    WRITE = auto()
    READ = auto()
    SEARCH = auto()


class Row(Struct, frozen=True):
    """`cost` in tokens of the connection's bucket (wire/limits.py: commands_per_second).

    A handler of "connection" gets the session and its channel, and need not wait for anything; all others get the
    caller, and are coroutines.
    """

    handler: Callable[..., Any]
    of: str
    kind: Kind
    cost: float = 1.0
    mask: Mask = Mask.ALLOWED


COMMANDS: dict[type[Command], Row] = {
    commands.Connect: Row(own.connect, "connection", Kind.LIVE),
    commands.Alive: Row(own.alive, "connection", Kind.LIVE, cost=0.2),
    commands.SetAvailable: Row(own.set_available, "connection", Kind.LIVE),
    commands.SetShown: Row(own.set_shown, "connection", Kind.LIVE),
    commands.GetPresence: Row(own.get_presence, "connection", Kind.READ, cost=5),
    commands.Watch: Row(own.watch, "connection", Kind.READ, cost=2),
    commands.Why: Row(presence.handlers.why, "presence", Kind.READ, cost=2),
    commands.SetDnd: Row(presence.handlers.set_dnd, "presence", Kind.CHANGE, mask=Mask.NOTED),
    commands.SetStatus: Row(presence.handlers.set_status, "presence", Kind.CHANGE, mask=Mask.NOTED),
    commands.SetAppearOffline: Row(presence.handlers.set_appear_offline, "presence", Kind.CHANGE, mask=Mask.NOTED),
    commands.RegisterDevice: Row(presence.handlers.register_device, "presence", Kind.CHANGE, mask=Mask.REFUSED),
    commands.UnregisterDevice: Row(presence.handlers.unregister_device, "presence", Kind.CHANGE, mask=Mask.REFUSED),
    commands.ReportCall: Row(presence.handlers.report_call, "presence", Kind.CHANGE, mask=Mask.REFUSED),
    commands.GetCoworkers: Row(contacts.handlers.get_coworkers, "people", Kind.READ, cost=2),
    commands.LookUpNumber: Row(contacts.handlers.look_up_number, "people", Kind.SEARCH, cost=2),
    commands.OpenConversation: Row(chat.handlers.open_conversation, "chat", Kind.WRITE, cost=2),
    commands.ListConversations: Row(chat.handlers.list_conversations, "chat", Kind.READ, cost=2),
    commands.GetConversation: Row(chat.handlers.get_conversation, "chat", Kind.READ),
    commands.CreateGroup: Row(chat.handlers.create_group, "chat", Kind.WRITE, cost=5),
    commands.RenameGroup: Row(chat.handlers.rename_group, "chat", Kind.WRITE, cost=2),
    commands.SetHistory: Row(chat.handlers.set_history, "chat", Kind.WRITE, cost=2),
    commands.AddMembers: Row(chat.handlers.add_members, "chat", Kind.WRITE, cost=5),
    commands.RemoveMember: Row(chat.handlers.remove_member, "chat", Kind.WRITE, cost=2),
    commands.LeaveGroup: Row(chat.handlers.leave_group, "chat", Kind.WRITE, cost=2),
    commands.SetManager: Row(chat.handlers.set_manager, "chat", Kind.WRITE, cost=2),
    commands.SetMuted: Row(chat.handlers.set_muted, "chat", Kind.WRITE),
    commands.SendMessage: Row(chat.handlers.send_message, "chat", Kind.WRITE),
    commands.EditMessage: Row(chat.handlers.edit_message, "chat", Kind.WRITE, cost=2),
    commands.DeleteMessage: Row(chat.handlers.delete_message, "chat", Kind.WRITE, cost=2),
    commands.React: Row(chat.handlers.react, "chat", Kind.WRITE, cost=2),
    commands.Typing: Row(chat.handlers.typing, "chat", Kind.LIVE, cost=0.5),
    commands.GetMessages: Row(chat.handlers.get_messages, "chat", Kind.READ),
    commands.GetChanges: Row(chat.handlers.get_changes, "chat", Kind.READ),
    commands.SearchMessages: Row(chat.handlers.search_messages, "chat", Kind.SEARCH, cost=5),
    commands.MarkRead: Row(chat.handlers.mark_read, "chat", Kind.WRITE, cost=0.5),
    commands.MarkDelivered: Row(chat.handlers.mark_delivered, "chat", Kind.WRITE, cost=0.5),
}


def failed(command_id: int, refused: Refused) -> Failed:
    """The answer to a command that was refused."""
    return Failed(
        id=command_id,
        code=refused.code,
        message=refused.message,
        temporary=refused.code.temporary,
        field=UNSET if refused.field is None else refused.field,
        retry_after=UNSET if refused.retry_after is None else refused.retry_after,
    )


def name_of(command: Command) -> str:
    """As it stands on the wire."""
    return str(command.__struct_config__.tag)


class Dispatcher:
    def __init__(
        self,
        connection: ConnectionService,
        presence: PresenceService,
        chat: ChatService,
        people: PeopleLists,
        note: Note,
        clock: Callable[[], float],
    ) -> None:
        self.turns: Turns[DomainId] = Turns(COMMANDS_AT_ONCE, MOST_COMMANDS_WAITING, clock)
        self.change_turns: Turns[DomainId] = Turns(CHANGES_AT_ONCE, MOST_COMMANDS_WAITING, clock)
        self.refused: Counter[Kind] = Counter()
        """Commands for which somebody, or a domain, was too fast."""
        self._connection = connection
        self._note = note
        self._services: dict[str, object] = {"presence": presence, "chat": chat, "people": people}

    def run(self, session: Session, channel: Channel, command: Command) -> Coroutine[Any, Any, None] | None:
        """Carries a command out and replies, or returns what to await for that. Never raises, and neither does that:
        whatever goes wrong becomes the reply.
        """
        row = COMMANDS[type(command)]
        now = session.clock()
        wait = (
            session.bucket.take(row.cost, now)
            or channel.wait_for(session, row.cost, now)
            or channel.wait_for_domain(row.kind, row.cost, now)
        )
        if wait:
            self.refused[row.kind] += 1
            self._say_too_fast(session, command, wait, now)
            return None
        if row.of != "connection":
            return self._run(row, session, command)
        try:
            session.caller.check_may(name_of(command))
            reply: AnyReply | None = row.handler(self._connection, session, channel, command)
        except Exception as error:  # noqa: BLE001 - becomes the reply
            reply = _answer_to(error, session, command)
        if reply is not None:
            session.send(reply)
        return None

    async def _run(self, row: Row, session: Session, command: Command) -> None:
        turns = self.change_turns if row.kind is Kind.CHANGE else self.turns
        if not turns.take_now():
            try:
                await turns.wait(session.caller.domain)
            except TooMany as refused:
                session.send(failed(command.id, refused))
                return
        try:
            reply = await self._reply_to(row, session, command)
        finally:
            turns.give_back()
        session.send(reply)

    async def _reply_to(self, row: Row, session: Session, command: Command) -> AnyReply:
        caller = session.caller
        try:
            caller.check_may(name_of(command))
            if caller.operator is not None and row.mask is Mask.REFUSED:
                raise NotAllowed("Nobody rings or calls behind a mask")
            reply: AnyReply = await row.handler(self._services[row.of], caller, command)
            if caller.operator is not None and row.mask is Mask.NOTED:
                await self._note(caller, f"presence.{row.handler.__name__}", _said(command))
        except Exception as error:  # noqa: BLE001 - becomes the reply
            reply = _answer_to(error, session, command)
        return reply

    def _say_too_fast(self, session: Session, command: Command, wait: float, now: float) -> None:
        """Who does not listen to that either is sent away: to refuse costs us something, too."""
        if session.refusals is None:
            session.refusals = TokenBucket.full(REFUSALS_A_SECOND, REFUSALS_AT_ONCE, now)
        if session.refusals.take(1.0, now):
            session.close(CloseCode.TOO_FAST, "commands kept coming after they were refused")
        else:
            session.send(_too_fast(command.id, wait))


def _answer_to(error: Exception, session: Session, command: Command) -> Failed:
    if isinstance(error, Refused):
        return failed(command.id, error)
    log.error(
        "command_failed",
        command=type(command).__name__,
        domain=session.caller.domain,
        user=session.caller.user,
        connection=session.connection,
        id=command.id,
        exc_info=error,
    )
    return Failed(
        id=command.id,
        code=ErrorCode.INTERNAL,
        message="Something went wrong on our side; it has been noted",
        temporary=True,
    )


def _said(command: Command) -> dict[str, object]:
    return {name: value for name, value in asdict(command).items() if name != "id"}


def _too_fast(command_id: int, wait: float) -> Failed:
    return Failed(
        id=command_id,
        code=ErrorCode.TOO_MANY,
        message="Too many commands; wait a moment",
        temporary=True,
        retry_after=ceil(wait * 1_000) / 1_000,
    )
