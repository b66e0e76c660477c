"""WebSocket commands of chat. Each says in one line what the service does with it."""

from chat.service import ChatService
from wire.commands import (
    AddMembers,
    CreateGroup,
    DeleteMessage,
    EditMessage,
    GetChanges,
    GetConversation,
    GetMessages,
    LeaveGroup,
    ListConversations,
    MarkDelivered,
    MarkRead,
    OpenConversation,
    React,
    RemoveMember,
    RenameGroup,
    SearchMessages,
    SendMessage,
    SetHistory,
    SetManager,
    SetMuted,
    Typing,
)
from wire.errors import Invalid
from wire.identity import Caller
from wire.replies import (
    ChangesListed,
    ConversationOpened,
    ConversationsListed,
    Done,
    MessageSent,
    MessagesFound,
    MessagesListed,
)


async def open_conversation(service: ChatService, caller: Caller, command: OpenConversation) -> ConversationOpened:
    conversation = await service.open_conversation(caller, command.user)
    return ConversationOpened(id=command.id, conversation=conversation)


async def list_conversations(service: ChatService, caller: Caller, command: ListConversations) -> ConversationsListed:
    page = await service.list_conversations(caller, command.before, command.limit)
    return ConversationsListed(id=command.id, conversations=page.conversations, next=page.next)


async def get_conversation(service: ChatService, caller: Caller, command: GetConversation) -> ConversationOpened:
    conversation = await service.conversation(caller, command.conversation)
    return ConversationOpened(id=command.id, conversation=conversation)


async def create_group(service: ChatService, caller: Caller, command: CreateGroup) -> ConversationOpened:
    conversation = await service.groups.create(caller, command.client_id, command.name, command.users, command.history)
    return ConversationOpened(id=command.id, conversation=conversation)


async def rename_group(service: ChatService, caller: Caller, command: RenameGroup) -> Done:
    await service.groups.rename(caller, command.conversation, command.name)
    return Done(id=command.id)


async def set_history(service: ChatService, caller: Caller, command: SetHistory) -> Done:
    await service.groups.set_history(caller, command.conversation, command.history)
    return Done(id=command.id)


async def add_members(service: ChatService, caller: Caller, command: AddMembers) -> Done:
    await service.groups.add(caller, command.conversation, command.users)
    return Done(id=command.id)


async def remove_member(service: ChatService, caller: Caller, command: RemoveMember) -> Done:
    await service.groups.remove(caller, command.conversation, command.user)
    return Done(id=command.id)


async def leave_group(service: ChatService, caller: Caller, command: LeaveGroup) -> Done:
    await service.groups.leave(caller, command.conversation)
    return Done(id=command.id)


async def set_manager(service: ChatService, caller: Caller, command: SetManager) -> Done:
    await service.groups.set_manager(caller, command.conversation, command.user, on=command.on)
    return Done(id=command.id)


async def set_muted(service: ChatService, caller: Caller, command: SetMuted) -> Done:
    await service.mute(caller, command.conversation, on=command.on)
    return Done(id=command.id)


async def send_message(service: ChatService, caller: Caller, command: SendMessage) -> MessageSent:
    kept = await service.send(
        caller,
        command.conversation,
        command.client_id,
        command.body,
        reply_to=command.reply_to,
        mentions=command.mentions,
        files=command.files,
    )
    return MessageSent(
        id=command.id,
        conversation=command.conversation,
        client_id=command.client_id,
        seq=kept.message.seq,
        sent_at=kept.message.sent_at,
        files=kept.message.files,
        duplicate=kept.duplicate,
    )


async def edit_message(service: ChatService, caller: Caller, command: EditMessage) -> Done:
    await service.changes.edit(caller, command.conversation, command.seq, command.body, command.mentions)
    return Done(id=command.id)


async def delete_message(service: ChatService, caller: Caller, command: DeleteMessage) -> Done:
    await service.changes.delete(caller, command.conversation, command.seq)
    return Done(id=command.id)


async def react(service: ChatService, caller: Caller, command: React) -> Done:
    await service.changes.react(caller, command.conversation, command.seq, command.emoji, on=command.on)
    return Done(id=command.id)


async def typing(service: ChatService, caller: Caller, command: Typing) -> Done:
    await service.marks.tell_typing(caller, command.conversation)
    return Done(id=command.id)


async def get_messages(service: ChatService, caller: Caller, command: GetMessages) -> MessagesListed:
    places = [place for place in (command.after, command.before, command.around, command.at) if place is not None]
    if len(places) > 1:
        raise Invalid("Ask for one of what is after, before, around and at, not for more", field="before")
    if command.around is not None or command.at is not None:
        page = await service.messages_around(caller, command.conversation, command.around, command.at, command.limit)
    else:
        page = await service.messages(caller, command.conversation, command.after, command.before, command.limit)
    return MessagesListed(
        id=command.id,
        conversation=command.conversation,
        messages=page.messages,
        more=page.more,
        more_newer=page.more_newer,
        seq=page.around,
    )


async def get_changes(service: ChatService, caller: Caller, command: GetChanges) -> ChangesListed:
    page = await service.changes.list(caller, command.conversation, command.after, command.limit)
    return ChangesListed(
        id=command.id, conversation=command.conversation, messages=page.messages, rev=page.rev, more=page.more
    )


async def search_messages(service: ChatService, caller: Caller, command: SearchMessages) -> MessagesFound:
    hits, following = await service.searching.search(
        caller,
        command.text,
        sender=command.sender,
        conversation=command.conversation,
        since=command.since,
        until=command.until,
        before=command.before,
        limit=command.limit,
    )
    return MessagesFound(id=command.id, hits=hits, next=following)


async def mark_read(service: ChatService, caller: Caller, command: MarkRead) -> Done:
    await service.marks.mark_read(caller, command.conversation, command.seq)
    return Done(id=command.id)


async def mark_delivered(service: ChatService, caller: Caller, command: MarkDelivered) -> Done:
    await service.marks.mark_delivered(caller, command.conversation, command.seq)
    return Done(id=command.id)
