"""WebSocket commands of chat. Each says in one line what the service does with it."""

from chat.service import ChatService
from wire.commands import GetMessages, ListConversations, MarkRead, OpenConversation, SendMessage
from wire.identity import Caller
from wire.replies import ConversationOpened, ConversationsListed, Done, MessageSent, MessagesListed


async def open_conversation(service: ChatService, caller: Caller, command: OpenConversation) -> ConversationOpened:
    conversation = await service.open_conversation(caller, command.user)
    return ConversationOpened(id=command.id, conversation=conversation)


async def list_conversations(service: ChatService, caller: Caller, command: ListConversations) -> ConversationsListed:
    page = await service.list_conversations(caller, command.before, command.limit)
    return ConversationsListed(id=command.id, conversations=page.conversations, next=page.next)


async def send_message(service: ChatService, caller: Caller, command: SendMessage) -> MessageSent:
    kept = await service.send(caller, command.conversation, command.client_id, command.body, command.files)
    return MessageSent(
        id=command.id,
        conversation=command.conversation,
        client_id=command.client_id,
        seq=kept.message.seq,
        sent_at=kept.message.sent_at,
        files=kept.message.files,
        duplicate=kept.duplicate,
    )


async def get_messages(service: ChatService, caller: Caller, command: GetMessages) -> MessagesListed:
    page = await service.messages(caller, command.conversation, command.after, command.before, command.limit)
    return MessagesListed(id=command.id, conversation=command.conversation, messages=page.messages, more=page.more)


async def mark_read(service: ChatService, caller: Caller, command: MarkRead) -> Done:
    await service.mark_read(caller, command.conversation, command.seq)
    return Done(id=command.id)
