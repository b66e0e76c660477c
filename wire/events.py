"""What the server tells without being asked: past participles. To add an event see CONTRIBUTING.md.

Snapshot plus events always equals a fresh snapshot; a receiver drops what is not newer than what it has (`rev`, `seq`,
watermarks) and never needs to trust the order of arrival.
"""

from enum import StrEnum

from msgspec import Struct

from wire.contacts import Contact, Favourite, Overlay
from wire.identity import ConversationId, UserId
from wire.imports import Import
from wire.records import Conversation, Coworker, History, Instant, Member, Message, Presence
from wire.tagging import snake_case


class Event(Struct, frozen=True, omit_defaults=True, kw_only=True, tag_field="op", tag=snake_case):
    """What every event is."""


class ChatEvent(Event, frozen=True, kw_only=True):
    """About somebody's chat: nothing of it is told to whoever acts as that person."""


class PresenceSnapshot(Event, frozen=True, kw_only=True):
    """Everybody who is not plainly offline. Replaces all presence the client has: absent means offline."""

    epoch: str
    version: int
    users: list[Presence]


class PresenceChanged(Event, frozen=True, kw_only=True):
    """Newest records, in the order of `rev`. Afterwards the client is at `version` of `epoch`."""

    epoch: str
    version: int
    users: list[Presence]


class Heartbeat(Event, frozen=True, kw_only=True):
    """The connection lives, and the client now is at this position; answer with `alive`.

    Changes that are not for this client raise the version without a `presence_changed`: take it over from here.
    """

    epoch: str
    version: int


class ConversationsSnapshot(ChatEvent, frozen=True, kw_only=True):
    """After connect: the newest conversations. Older ones are asked for by page (`next`)."""

    conversations: list[Conversation]
    next: str | None = None


class ConversationAdded(ChatEvent, frozen=True, kw_only=True):
    conversation: Conversation


class ConversationRemoved(ChatEvent, frozen=True, kw_only=True):
    """The user is not in it (any more): forget it, unless it was added again after `seq`."""

    conversation: ConversationId
    seq: int = 0


class GroupChanged(ChatEvent, frozen=True, kw_only=True):
    """Name, members, roles and history as of the line `seq`: dropped by whoever knows of a later line's."""

    conversation: ConversationId
    seq: int
    name: str
    members: list[Member]
    history: History


class MuteChanged(ChatEvent, frozen=True, kw_only=True):
    """Only for the user's own connections."""

    conversation: ConversationId
    muted: bool
    rev: int


class MessageAdded(ChatEvent, frozen=True, kw_only=True):
    message: Message


class MessageChanged(ChatEvent, frozen=True, kw_only=True):
    """Edited, deleted, or reacted to: the message as it is now. Whoever does not know the change before its `rev` has
    missed something, and asks with `get_changes`.
    """

    message: Message


class MessagesExpired(ChatEvent, frozen=True, kw_only=True):
    """The domain keeps its messages for a limited time: those up to `upto` are deleted, and count as read by everybody
    and as before everybody's joining. A `read_marked` follows for whoever had not read them.
    """

    conversation: ConversationId
    upto: int


class TypingStarted(ChatEvent, frozen=True, kw_only=True):
    """Somebody writes. Over when a message comes, or when it is not told again for six seconds."""

    conversation: ConversationId
    user: UserId


class MessagesMissed(ChatEvent, frozen=True, kw_only=True):
    """After connect: what came while the client was away, ascending. `more`: ask for the rest with `get_messages`."""

    conversation: ConversationId
    messages: list[Message]
    more: bool = False


class ChangesMissed(ChatEvent, frozen=True, kw_only=True):
    """After connect: messages that changed meanwhile, as they are now. The client knows all changes up to `rev` then;
    `more`: ask for the rest with `get_changes`.
    """

    conversation: ConversationId
    messages: list[Message]
    rev: int
    more: bool = False


class ReadMarked(ChatEvent, frozen=True, kw_only=True):
    """A member has read up to `seq`. `unread` only goes to the reader's own connections."""

    conversation: ConversationId
    user: UserId
    seq: int
    unread: int | None = None


class DeliveredMarked(ChatEvent, frozen=True, kw_only=True):
    """Everything up to `seq` has reached a client of this member."""

    conversation: ConversationId
    user: UserId
    seq: int


class MembersMarked(ChatEvent, frozen=True, kw_only=True):
    """In a large group, to those who show it: how far members have got and read by now, all of the last second."""

    conversation: ConversationId
    members: list[Member]


class DirectoryChanged(Event, frozen=True, kw_only=True):
    """Coworkers who changed, joined, or are `gone`. The client is at `rev` then, if it was at `since` or later."""

    since: int
    rev: int
    coworkers: list[Coworker]


class ContactsChanged(Event, frozen=True, kw_only=True):
    """A book was changed: the shared one, or the user's own with its stars and overlays.

    The client is at `rev` then, if it was at `since` or later. If it was not, an announcement was lost, or the change
    was too large to be told here: it reads `/v1/contacts/changes` from its position.
    """

    shared: bool
    since: int
    rev: int
    contacts: list[Contact] = []
    favourites: list[Favourite] = []
    overlays: list[Overlay] = []


class ImportChanged(Event, frozen=True, kw_only=True):
    """An import of the user has got on, is ready to be looked at, was applied or undone. `change`: as it is now."""

    change: Import


class ProfileChanged(Event, frozen=True, kw_only=True):
    """The user's own profile or settings changed, perhaps elsewhere: read `/v1/profile` again."""

    at: Instant


class UsersChanged(Event, frozen=True, kw_only=True):
    """For those who manage these users: profiles or accounts changed, or moved into or out of their reach. Read them,
    and what lists show of them, again. None named: too many.
    """

    users: list[UserId] = []


class EndReason(StrEnum):
    LOGGED_OUT = "logged_out"
    ENDED = "ended"
    EXPIRED = "expired"


class SessionEnded(Event, frozen=True, kw_only=True):
    """Last words before the connection closes for good with 4501."""

    reason: EndReason


class PresenceDoubted(Event, frozen=True, kw_only=True):
    """The gateway does not hear of changes any more: show everybody as unknown since then (Unix seconds).

    0: it hears of them again, and what was missed came before this. A new connection begins without doubt.
    """

    since: int


class Reconnect(Event, frozen=True, kw_only=True):
    """This gateway is going away: connect again after `after` seconds (already random)."""

    after: float


AnyEvent = (
    PresenceSnapshot
    | PresenceChanged
    | PresenceDoubted
    | Heartbeat
    | ConversationsSnapshot
    | ConversationAdded
    | ConversationRemoved
    | GroupChanged
    | MuteChanged
    | MessageAdded
    | MessageChanged
    | MessagesMissed
    | ChangesMissed
    | MessagesExpired
    | TypingStarted
    | ReadMarked
    | DeliveredMarked
    | MembersMarked
    | DirectoryChanged
    | ContactsChanged
    | ImportChanged
    | ProfileChanged
    | UsersChanged
    | SessionEnded
    | Reconnect
)
