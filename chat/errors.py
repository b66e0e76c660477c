"""What chat refuses.

Refused
├── Invalid     EmptyMessage, MessageTooLong
├── NotAllowed  MaskedFromChat
├── NotFound    ConversationNotFound, PersonNotFound, FileNotThere
└── Conflict    ClientIdTaken
"""

from wire.errors import Conflict, Invalid, NotAllowed, NotFound
from wire.identity import ConversationId, UserId


class EmptyMessage(Invalid):
    def __init__(self) -> None:
        super().__init__("There is nothing to read in this message", field="body")


class MessageTooLong(Invalid):
    def __init__(self, limit: int) -> None:
        super().__init__(f"A message has at most {limit} characters", field="body")
        self.limit = limit


class MaskedFromChat(NotAllowed):
    """A manager who acts as somebody else neither reads nor writes that person's chat."""

    def __init__(self) -> None:
        super().__init__("Chat is closed while you act as another user")


class ConversationNotFound(NotFound):
    """There is none, or the caller is not in it: which of the two is not told."""

    def __init__(self, conversation: ConversationId) -> None:
        super().__init__("You are in no such conversation", field="conversation")
        self.conversation = conversation


class FileNotThere(NotFound):
    """Not uploaded for this conversation by this sender, sent already, or forgotten since: which is not told."""

    def __init__(self) -> None:
        super().__init__("One of these files is not there any more; choose it again", field="files")


class PersonNotFound(NotFound):
    """There is none, or the caller may not see that person: which of the two is not told."""

    def __init__(self, user: UserId) -> None:
        super().__init__("There is nobody to chat with under this number", field="user")
        self.user = user


class ClientIdTaken(Conflict):
    """The sender has used this `client_id` in another conversation: whoever made it made it twice."""

    def __init__(self, client_id: str) -> None:
        super().__init__("This client_id belongs to a message in another conversation", field="client_id")
        self.client_id = client_id
