from typing import Any

import pytest

from chat import handlers
from chat.service import ChatService
from storage.postgres.pool import Pool
from tests.support.chat import make_company
from wire.commands import GetMessages, ListConversations, MarkRead, OpenConversation, SendMessage
from wire.identity import Caller
from wire.replies import ConversationOpened, ConversationsListed, Done, MessageSent, MessagesListed


@pytest.fixture
async def pair(pool: Pool) -> tuple[Caller, Caller]:
    company, (anna, ben) = await make_company(pool, 2)
    return company.caller(anna), company.caller(ben)


async def test_every_command_is_answered_under_its_own_number(chat: ChatService, pair: tuple[Caller, Caller]) -> None:
    anna, ben = pair
    opened = await handlers.open_conversation(chat, anna, OpenConversation(id=1, user=ben.user))
    number = opened.conversation.conversation
    assert opened == ConversationOpened(id=1, conversation=opened.conversation)

    sending: dict[str, Any] = {"conversation": number, "client_id": "client-id-1", "body": "hello"}
    sent = await handlers.send_message(chat, anna, SendMessage(id=2, **sending))
    assert sent == MessageSent(id=2, conversation=number, client_id="client-id-1", seq=1, sent_at=sent.sent_at)
    again = await handlers.send_message(chat, anna, SendMessage(id=3, **sending))
    assert (again.seq, again.sent_at, again.duplicate) == (1, sent.sent_at, True)

    listed = await handlers.list_conversations(chat, ben, ListConversations(id=4))
    (seen,) = listed.conversations
    assert listed == ConversationsListed(id=4, conversations=[seen])
    assert (seen.conversation, seen.unread) == (number, 1)

    read = await handlers.get_messages(chat, ben, GetMessages(id=5, conversation=number))
    assert read == MessagesListed(id=5, conversation=number, messages=[seen.last_message] if seen.last_message else [])

    assert await handlers.mark_read(chat, ben, MarkRead(id=6, conversation=number, seq=1)) == Done(id=6)
    listed = await handlers.list_conversations(chat, ben, ListConversations(id=7))
    assert listed.conversations[0].unread == 0
