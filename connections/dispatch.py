"""The table of commands: which function carries each out, and what it costs. All about running one is here once."""

from collections.abc import Awaitable, Callable, Coroutine
from enum import Enum, auto
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
from connections.session import Session
from contacts.listing import PeopleLists
from presence.service import PresenceService
from wire import commands
from wire.commands import Command
from wire.errors import ErrorCode, NotAllowed, Refused
from wire.identity import Caller
from wire.replies import AnyReply, Failed

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


class Row(Struct, frozen=True):
    """`cost` in tokens of the connection's bucket (wire/limits.py: commands_per_second).

    A handler of "connection" gets the session and its channel, and need not wait for anything; all others get the
    caller, and are coroutines.
    """

    handler: Callable[..., Any]
    of: str
    cost: float = 1.0
    mask: Mask = Mask.ALLOWED


COMMANDS: dict[type[Command], Row] = {
    commands.Connect: Row(own.connect, "connection"),
    commands.Alive: Row(own.alive, "connection", cost=0.2),
    commands.SetAvailable: Row(own.set_available, "connection"),
    commands.SetShown: Row(own.set_shown, "connection"),
    commands.GetPresence: Row(own.get_presence, "connection", cost=5),
    commands.Watch: Row(own.watch, "connection", cost=2),
    commands.Why: Row(presence.handlers.why, "presence", cost=2),
    commands.SetDnd: Row(presence.handlers.set_dnd, "presence", mask=Mask.NOTED),
    commands.SetStatus: Row(presence.handlers.set_status, "presence", mask=Mask.NOTED),
    commands.SetAppearOffline: Row(presence.handlers.set_appear_offline, "presence", mask=Mask.NOTED),
    commands.RegisterDevice: Row(presence.handlers.register_device, "presence", mask=Mask.REFUSED),
    commands.UnregisterDevice: Row(presence.handlers.unregister_device, "presence", mask=Mask.REFUSED),
    commands.ReportCall: Row(presence.handlers.report_call, "presence", mask=Mask.REFUSED),
    commands.GetCoworkers: Row(contacts.handlers.get_coworkers, "people", cost=2),
    commands.LookUpNumber: Row(contacts.handlers.look_up_number, "people", cost=2),
    commands.OpenConversation: Row(chat.handlers.open_conversation, "chat", cost=2),
    commands.ListConversations: Row(chat.handlers.list_conversations, "chat", cost=2),
    commands.GetConversation: Row(chat.handlers.get_conversation, "chat"),
    commands.CreateGroup: Row(chat.handlers.create_group, "chat", cost=5),
    commands.RenameGroup: Row(chat.handlers.rename_group, "chat", cost=2),
    commands.SetHistory: Row(chat.handlers.set_history, "chat", cost=2),
    commands.AddMembers: Row(chat.handlers.add_members, "chat", cost=5),
    commands.RemoveMember: Row(chat.handlers.remove_member, "chat", cost=2),
    commands.LeaveGroup: Row(chat.handlers.leave_group, "chat", cost=2),
    commands.SetManager: Row(chat.handlers.set_manager, "chat", cost=2),
    commands.SetMuted: Row(chat.handlers.set_muted, "chat"),
    commands.SendMessage: Row(chat.handlers.send_message, "chat"),
    commands.EditMessage: Row(chat.handlers.edit_message, "chat", cost=2),
    commands.DeleteMessage: Row(chat.handlers.delete_message, "chat", cost=2),
    commands.React: Row(chat.handlers.react, "chat", cost=2),
    commands.Typing: Row(chat.handlers.typing, "chat", cost=0.5),
    commands.GetMessages: Row(chat.handlers.get_messages, "chat"),
    commands.GetChanges: Row(chat.handlers.get_changes, "chat"),
    commands.SearchMessages: Row(chat.handlers.search_messages, "chat", cost=5),
    commands.MarkRead: Row(chat.handlers.mark_read, "chat", cost=0.5),
    commands.MarkDelivered: Row(chat.handlers.mark_delivered, "chat", cost=0.5),
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
    ) -> None:
        self._connection = connection
        self._note = note
        self._services: dict[str, object] = {"presence": presence, "chat": chat, "people": people}

    def run(self, session: Session, channel: Channel, command: Command) -> Coroutine[Any, Any, None] | None:
        """Carries a command out and replies, or returns what to await for that. Never raises, and neither does that:
        whatever goes wrong becomes the reply.
        """
        row = COMMANDS[type(command)]
        now = session.clock()
        wait = session.bucket.take(row.cost, now) or channel.wait_for(session, row.cost, now)
        if wait:
            session.send(_too_fast(command.id, wait))
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
        session.send(await self._reply_to(row, session, command))

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
