"""Which reply a command gets, and the unions as lists. Read by connections/dispatch.py and by the document generators.

A command that fails gets `failed` instead, whatever this table says.
"""

from typing import get_args

from wire import commands, events, replies
from wire.commands import Command
from wire.events import Event
from wire.replies import Reply

REPLY_OF: dict[type[Command], type[Reply] | None] = {
    commands.Connect: replies.Connected,
    commands.Alive: None,
    commands.SetAvailable: replies.Done,
    commands.SetShown: replies.Done,
    commands.SetDnd: replies.Done,
    commands.SetStatus: replies.Done,
    commands.SetAppearOffline: replies.Done,
    commands.Watch: replies.Watching,
    commands.Why: replies.Explained,
    commands.GetPresence: replies.Done,
    commands.RegisterDevice: replies.DeviceRegistered,
    commands.UnregisterDevice: replies.Done,
    commands.ReportCall: replies.Done,
    commands.GetCoworkers: replies.CoworkersFound,
    commands.LookUpNumber: replies.NumberLookedUp,
    commands.OpenConversation: replies.ConversationOpened,
    commands.ListConversations: replies.ConversationsListed,
    commands.GetConversation: replies.ConversationOpened,
    commands.CreateGroup: replies.ConversationOpened,
    commands.RenameGroup: replies.Done,
    commands.SetHistory: replies.Done,
    commands.AddMembers: replies.Done,
    commands.RemoveMember: replies.Done,
    commands.LeaveGroup: replies.Done,
    commands.SetManager: replies.Done,
    commands.SetMuted: replies.Done,
    commands.SendMessage: replies.MessageSent,
    commands.EditMessage: replies.Done,
    commands.DeleteMessage: replies.Done,
    commands.React: replies.Done,
    commands.Typing: replies.Done,
    commands.GetMessages: replies.MessagesListed,
    commands.GetChanges: replies.ChangesListed,
    commands.SearchMessages: replies.MessagesFound,
    commands.MarkRead: replies.Done,
    commands.MarkDelivered: replies.Done,
}
"""None: the command is never answered, not even by `done`."""

COMMANDS: tuple[type[Command], ...] = get_args(commands.AnyCommand)
REPLIES: tuple[type[Reply], ...] = get_args(replies.AnyReply)
EVENTS: tuple[type[Event], ...] = get_args(events.AnyEvent)
