"""What chat refuses.

Refused
├── Invalid     EmptyMessage, MessageTooLong, EmptyName, NotAPicture, NothingToSearch
├── NotAllowed  MaskedFromChat, NotYourMessage, SentOutside, NotAGroup, NotAManager, NotTheCreator
├── NotFound    ConversationNotFound, PersonNotFound, MessageNotFound, NotAMember, FileNotThere
├── Conflict    ClientIdTaken, MessageDeleted
└── TooMany     GroupFull, TooManyGroups, TooManyReactions
"""

from wire.errors import Conflict, Invalid, NotAllowed, NotFound, TooMany
from wire.identity import ConversationId, UserId


class EmptyMessage(Invalid):
    def __init__(self) -> None:
        super().__init__("There is nothing to read in this message", field="body")


class MessageTooLong(Invalid):
    def __init__(self, limit: int) -> None:
        super().__init__(f"A message has at most {limit} characters", field="body")
        self.limit = limit


class EmptyName(Invalid):
    def __init__(self) -> None:
        super().__init__("There is nothing to read in this name", field="name")


class NotAPicture(Invalid):
    def __init__(self) -> None:
        super().__init__("A reaction is one picture (emoji)", field="emoji")


class NothingToSearch(Invalid):
    def __init__(self) -> None:
        super().__init__("There is no word in this to look for", field="text")


class MaskedFromChat(NotAllowed):
    """A manager who acts as somebody else neither reads nor writes that person's chat."""

    def __init__(self) -> None:
        super().__init__("Chat is closed while you act as another user")


class SentOutside(NotAllowed):
    """A text message that went out is on somebody's telephone as it was."""

    def __init__(self) -> None:
        super().__init__("A text message cannot be changed once it was sent", field="seq")


class NotYourMessage(NotAllowed):
    def __init__(self) -> None:
        super().__init__("Only the text of a message of your own can be changed", field="seq")


class NotAGroup(NotAllowed):
    def __init__(self) -> None:
        super().__init__("This can be done in groups only", field="conversation")


class NotAManager(NotAllowed):
    def __init__(self) -> None:
        super().__init__("Only managers of the group may do this", field="conversation")


class NotTheCreator(NotAllowed):
    def __init__(self) -> None:
        super().__init__("Nobody removes the creator of the group", field="user")


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

    def __init__(self, user: UserId, field: str = "user") -> None:
        super().__init__("There is nobody to chat with under this number", field=field)
        self.user = user


class NotAMember(NotFound):
    def __init__(self, user: UserId) -> None:
        super().__init__("This person is not in the group", field="user")
        self.user = user


class MessageNotFound(NotFound):
    """There is none, or the caller may not see it: which of the two is not told."""

    def __init__(self, seq: int) -> None:
        super().__init__("There is no such message", field="seq")
        self.seq = seq


class ClientIdTaken(Conflict):
    """The sender has used this `client_id` in another conversation: whoever made it made it twice."""

    def __init__(self, client_id: str) -> None:
        super().__init__("This client_id belongs to a message in another conversation", field="client_id")
        self.client_id = client_id


class MessageDeleted(Conflict):
    def __init__(self) -> None:
        super().__init__("This message was deleted", field="seq")


class GroupFull(TooMany):
    def __init__(self, limit: int) -> None:
        super().__init__(f"A group has at most {limit} members", field="users")
        self.limit = limit


class TooManyGroups(TooMany):
    def __init__(self, user: UserId, limit: int) -> None:
        super().__init__(f"A person is in at most {limit} groups", field="users")
        self.user = user


class TooManyReactions(TooMany):
    def __init__(self, limit: int) -> None:
        super().__init__(f"There are at most {limit} different reactions to a message", field="emoji")
        self.limit = limit
