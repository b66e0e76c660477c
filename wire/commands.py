"""What a client may ask for, one struct a command: imperatives, decoded in one step as a tagged union on `op`.

`id` is the client's number for the command and comes back on its reply. Unknown fields are refused, since a misspelt
one would otherwise be silently without effect. To add a command see CONTRIBUTING.md.
"""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from wire.contacts import ContactsPosition
from wire.identity import GivenConversation, GivenFile, GivenUser
from wire.limits import LIMITS
from wire.records import LINE, History, Instant, Position, Short, TextOrNone
from wire.tagging import snake_case

CommandId = Annotated[int, Meta(ge=0, le=2**53 - 1)]
Sequence = Annotated[int, Meta(ge=0, le=2**53 - 1)]
PageSize = Annotated[int, Meta(ge=1, le=100)]
Token = Annotated[str, Meta(min_length=1, max_length=4_096)]
ClientId = Annotated[str, Meta(min_length=8, max_length=64, pattern=r"^[A-Za-z0-9._-]+(?!\n)$")]
GroupName = Annotated[str, Meta(min_length=1, max_length=LIMITS.name_length, pattern=LINE)]
Mentions = Annotated[list[GivenUser], Meta(max_length=LIMITS.mentions)]
Emoji = Annotated[str, Meta(min_length=1, max_length=32, pattern=LINE)]
Handle = Annotated[str, Meta(min_length=1, max_length=128, pattern=r"^[\x21-\x7e]+(?!\n)$")]


class Command(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="op", tag=snake_case):
    """What every command has. Without an `id` (or with 0) a command is still answered, by a reply without one."""

    id: CommandId = 0


class Connect(Command, frozen=True, kw_only=True):
    """The first command. A browser is known by its cookie; everybody else brings a `token` or a single-use `ticket`.

    `available`: this session may be chatted with (it makes the dot blue); a softphone that has no chat window says
    false. `presence`, `conversations` and `contacts` are the positions of an earlier connection: what they cover is
    not sent again. They count in the `timeline` that was told then, and for nothing in another one.
    """

    token: Token | None = None
    ticket: Token | None = None
    available: bool = True
    client: Short = ""
    presence: Position | None = None
    conversations: Annotated[dict[GivenConversation, Sequence], Meta(max_length=LIMITS.resume_conversations)] = {}
    changes: Annotated[dict[GivenConversation, Sequence], Meta(max_length=LIMITS.resume_conversations)] = {}
    """Of the same conversations: up to which `rev` the client knows the changes of messages."""
    contacts: ContactsPosition | None = None
    timeline: Short = ""
    """As `connected` told it; empty: as it is now."""


class Alive(Command, frozen=True, kw_only=True):
    """Answers a heartbeat: any frame would do, this is the shortest. Gets no reply."""


class SetAvailable(Command, frozen=True, kw_only=True):
    """Whether this session may be chatted with."""

    available: bool


class SetShown(Command, frozen=True, kw_only=True):
    """Which conversations this connection shows just now: all of them, each time. Of a large group (more than
    `told_marks_members`) it is told who writes, and how far others have read, only to those who show it.
    """

    conversations: Annotated[list[GivenConversation], Meta(max_length=20)]


class SetDnd(Command, frozen=True, kw_only=True):
    on: bool


class SetStatus(Command, frozen=True, kw_only=True):
    """The words beside the dot. `expires_in` in seconds, 0 for ever; an empty message clears it."""

    message: Annotated[str, Meta(max_length=140, pattern=LINE)]
    expires_in: Annotated[int, Meta(ge=0, le=30 * 86_400)] = 0


class SetAppearOffline(Command, frozen=True, kw_only=True):
    on: bool


class WatchMode(StrEnum):
    EVERYBODY = "everybody"
    SET = "set"
    ADD = "add"
    REMOVE = "remove"


class Watch(Command, frozen=True, kw_only=True):
    """Whom this connection looks at: everybody (as at first, but in very large domains), or exactly those named.

    The reply tells how many they are; what is known of users who are new to the connection follows as
    `presence_changed`, or as `presence_snapshot` after `everybody` and `set`.
    """

    mode: WatchMode
    users: Annotated[list[GivenUser], Meta(max_length=1_000)] = []


class Why(Command, frozen=True, kw_only=True):
    """What is behind somebody's colour, and the colours of the last day. Of oneself, and of those one manages."""

    user: GivenUser


class GetPresence(Command, frozen=True, kw_only=True):
    """Asks for a fresh `presence_snapshot`."""


class RegisterDevice(Command, frozen=True, kw_only=True):
    """A softphone registers, or refreshes before `ttl` seconds are over."""

    device: Handle
    """Made by the softphone and kept by it, e.g. a `urn:uuid:`: the same device after a restart."""
    ttl: Annotated[int, Meta(ge=10, le=3_600)] = 120
    label: Short = ""


class UnregisterDevice(Command, frozen=True, kw_only=True):
    device: Handle


class CallPhase(StrEnum):
    """Where a call leg is. `ended` is final: nothing reopens an ended call."""

    RINGING = "ringing"
    DIALING = "dialing"
    ACTIVE = "active"
    HELD = "held"
    ENDED = "ended"


class ReportCall(Command, frozen=True, kw_only=True):
    """A softphone tells of a call leg of its own user."""

    call: Handle
    phase: CallPhase


class GetCoworkers(Command, frozen=True, kw_only=True):
    """Who are they? For names in a domain whose directory is not read as a whole."""

    users: Annotated[list[GivenUser], Meta(min_length=1, max_length=200)]


class LookUpNumber(Command, frozen=True, kw_only=True):
    """Who is calling? Asks for the coworkers and contacts that a number belongs to."""

    number: Annotated[str, Meta(min_length=1, max_length=64, pattern=LINE)]


class OpenConversation(Command, frozen=True, kw_only=True):
    """The direct conversation with a user; made if there is none yet."""

    user: GivenUser


class ListConversations(Command, frozen=True, kw_only=True):
    """A page, newest first. `before`: the `updated_at` cursor of the last page."""

    before: Annotated[str, Meta(max_length=128, pattern=LINE)] | None = None
    limit: PageSize = 50


class GetConversation(Command, frozen=True, kw_only=True):
    """One conversation as it is now: who is in it, and how far everybody has read."""

    conversation: GivenConversation


class CreateGroup(Command, frozen=True, kw_only=True):
    """A new group of oneself and `users`. The same `client_id` again finds the group that it made.

    `history`: what those see who join later.
    """

    client_id: ClientId
    name: GroupName
    users: Annotated[list[GivenUser], Meta(max_length=LIMITS.group_members)] = []
    history: History = History.ALL


class RenameGroup(Command, frozen=True, kw_only=True):
    conversation: GivenConversation
    name: GroupName


class SetHistory(Command, frozen=True, kw_only=True):
    """What those see who join from now on. For managers of the group."""

    conversation: GivenConversation
    history: History


class AddMembers(Command, frozen=True, kw_only=True):
    """Anybody in a group may add people; who is in it already is passed over."""

    conversation: GivenConversation
    users: Annotated[list[GivenUser], Meta(min_length=1, max_length=LIMITS.group_members)]


class RemoveMember(Command, frozen=True, kw_only=True):
    """For managers of the group. Who is not in it is passed over."""

    conversation: GivenConversation
    user: GivenUser


class LeaveGroup(Command, frozen=True, kw_only=True):
    conversation: GivenConversation


class SetManager(Command, frozen=True, kw_only=True):
    """Makes a member a manager of the group, or no longer. For managers of the group."""

    conversation: GivenConversation
    user: GivenUser
    on: bool


class SetMuted(Command, frozen=True, kw_only=True):
    """A muted conversation draws attention only to mentions of oneself. Nobody else is told."""

    conversation: GivenConversation
    on: bool


class SendMessage(Command, frozen=True, kw_only=True):
    """`client_id` is made by the client and makes sending idempotent for ever.

    `mentions`: who is named in the text. `reply_to`: number of the message that this answers. `files` were uploaded for
    this conversation before, and go with the message or not at all. Without any, `body` must have something to read.
    """

    conversation: GivenConversation
    client_id: ClientId
    body: TextOrNone = ""
    files: Annotated[list[GivenFile], Meta(max_length=LIMITS.files_per_message)] = []
    reply_to: Sequence = 0
    mentions: Mentions = []


class EditMessage(Command, frozen=True, kw_only=True):
    """Another text for a message of one's own."""

    conversation: GivenConversation
    seq: Sequence
    body: TextOrNone
    mentions: Mentions = []


class DeleteMessage(Command, frozen=True, kw_only=True):
    """Takes the text of a message of one's own away for everybody; its place stays. Cannot be undone."""

    conversation: GivenConversation
    seq: Sequence


class React(Command, frozen=True, kw_only=True):
    """Puts a picture beside a message, or takes one's own away again."""

    conversation: GivenConversation
    seq: Sequence
    emoji: Emoji
    on: bool = True


class Typing(Command, frozen=True, kw_only=True):
    """Says to the others that one is writing. Kept nowhere; ends by itself if it is not said again."""

    conversation: GivenConversation


class GetMessages(Command, frozen=True, kw_only=True):
    """A page of history, ascending: the first after `after`, or the last before `before`; or those on both sides of the
    number `around`, or of the first message at or after the moment `at`. The newest if none of them is given.
    """

    conversation: GivenConversation
    after: Sequence | None = None
    before: Sequence | None = None
    around: Sequence | None = None
    at: Instant | None = None
    limit: PageSize = 50


class GetChanges(Command, frozen=True, kw_only=True):
    """Messages that were edited, deleted or reacted to after the change `after`, as they are now."""

    conversation: GivenConversation
    after: Sequence
    limit: PageSize = 50


class SearchMessages(Command, frozen=True, kw_only=True):
    """Messages with all words of `text`, in conversations that one is in, newest first. Accents and case do not matter.

    Words in quotation marks stand together; `*` behind a word stands for its further letters. `sender`, `conversation`
    and the times `since` (included) and `until` (not included) leave only some. `before`: the `next` of the last page.
    """

    text: Annotated[str, Meta(min_length=1, max_length=LIMITS.search_length, pattern=LINE)]
    sender: GivenUser | None = None
    conversation: GivenConversation | None = None
    since: Instant | None = None
    until: Instant | None = None
    before: Annotated[str, Meta(max_length=128, pattern=LINE)] | None = None
    limit: PageSize = 20


class MarkRead(Command, frozen=True, kw_only=True):
    """Everything up to `seq` was read. A lower number than before changes nothing."""

    conversation: GivenConversation
    seq: Sequence


class MarkDelivered(Command, frozen=True, kw_only=True):
    """Everything up to `seq` has reached a client of this user. A lower number than before changes nothing."""

    conversation: GivenConversation
    seq: Sequence


AnyCommand = (
    Connect
    | Alive
    | SetAvailable
    | SetShown
    | SetDnd
    | SetStatus
    | SetAppearOffline
    | Watch
    | Why
    | GetPresence
    | RegisterDevice
    | UnregisterDevice
    | ReportCall
    | GetCoworkers
    | LookUpNumber
    | OpenConversation
    | ListConversations
    | GetConversation
    | CreateGroup
    | RenameGroup
    | SetHistory
    | AddMembers
    | RemoveMember
    | LeaveGroup
    | SetManager
    | SetMuted
    | SendMessage
    | EditMessage
    | DeleteMessage
    | React
    | Typing
    | GetMessages
    | GetChanges
    | SearchMessages
    | MarkRead
    | MarkDelivered
)
