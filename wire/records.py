"""What travels inside replies and events: one struct a thing.

Fields at their default are left out on the wire; clients ignore fields that they do not know. Times are Unix seconds
(UTC) as integers in presence and RFC 3339 text with `Z` elsewhere. Presence records are made byte by byte inside Redis
(storage/redis/presence.lua): a test holds that script to this struct.
"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from wire.identity import ConversationId, Extension, FileId, UserId

Instant = Annotated[datetime, Meta(tz=True)]
LINE = r"^[^\u0000-\u001f\u007f]*(?!\n)$"
"""One line of text: no control characters. The last part is for Python, whose `$` also matches before a newline."""
LINES = r"^[^\u0000]*$"
"""Text of several lines. PostgreSQL cannot keep a NUL, and nobody can read one."""
Short = Annotated[str, Meta(max_length=64, pattern=LINE)]
Text = Annotated[str, Meta(min_length=1, max_length=8_000, pattern=LINES)]
TextOrNone = Annotated[str, Meta(max_length=8_000, pattern=LINES)]


class Colour(StrEnum):
    """What the dot shows. The rule is `presence/colours.py: colour_of`."""

    OFFLINE = "offline"
    GREEN = "green"
    BLUE = "blue"
    RED = "red"


class Calls(StrEnum):
    """A user's calls, taken together."""

    NONE = "none"
    RINGING = "ringing"
    BUSY = "busy"


class Reason(StrEnum):
    """Why the colour is what it is. Clients turn it into words of the reader's language."""

    NOT_REGISTERED = "not_registered"
    """Offline: no live device, nobody logged in who is available for chat."""
    REGISTERED = "registered"
    CHAT = "chat"
    ON_THE_PHONE = "on_the_phone"
    RINGING = "ringing"
    DO_NOT_DISTURB = "do_not_disturb"


class Presence(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One user's presence as one viewer may see it.

    `rev` is the domain's version at which this record last changed, so it only grows; drop what is not newer.
    `since`: when this colour for this reason began (0: not known). `unknown_since`: the phone part is only known as of
    that time, because the switch fell silent. `gone`: the user is no longer visible to you; forget the record.
    """

    user: UserId
    rev: int
    colour: Colour = Colour.OFFLINE
    reason: Reason = Reason.NOT_REGISTERED
    chat: bool = False
    phone: bool = False
    calls: Calls = Calls.NONE
    dnd: bool = False
    dnd_pending: bool = False
    """A telephone switch has yet to confirm `dnd`: until then a phone may ring that should not, or the reverse."""
    message: str = ""
    since: int = 0
    unknown_since: int = 0
    appears_offline: bool = False
    """Only ever in one's own record: the others see one as offline."""
    gone: bool = False


class KnownDevice(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A device behind a colour. Times in Unix seconds. `removed`: it unregistered; `ignored`: it does not count."""

    source: str
    device: str
    label: str = ""
    since: int
    expires_at: int
    live: bool
    removed: bool = False
    ignored: bool = False


class KnownCall(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A call behind a colour. `forgotten_at`: when it ends to count at the latest, if nobody says that it ended."""

    source: str
    call: str
    phase: str
    since: int
    forgotten_at: int
    counts: bool


class KnownSession(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A gateway on which the user has a session available for chat. `live`: the gateway's lease runs."""

    gateway: str
    since: int
    live: bool


class KnownSource(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A switch that knows the user. `silent`: what it said is shown as unknown since `heard_at`."""

    source: str
    heard_at: int
    silent: bool


class PastColour(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """From `at` on, until the next one. `unknown`: a switch was silent, and this only the last that it had said."""

    at: int
    colour: Colour
    reason: Reason
    unknown: bool = False


class LeftOut(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """More was reported of a user than is kept (`devices_per_user`, `calls_per_user` of the limits).

    So often did a device or a call that was still there give way to a newer one, lastly `at`. A device that is
    registered again counts again.
    """

    devices: int = 0
    calls: int = 0
    at: int


class Explanation(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Why a dot has its colour: everything that is known, with its source and its times (Unix seconds).

    `presence` is the truth, also of somebody who appears offline to others. `history`: the colours of the last day,
    oldest first.
    """

    presence: Presence
    at: int
    devices: list[KnownDevice] = []
    calls: list[KnownCall] = []
    sessions: list[KnownSession] = []
    sources: list[KnownSource] = []
    dnd_since: int = 0
    appears_offline: bool = False
    listed: bool = True
    history: list[PastColour] = []
    left_out: LeftOut | None = None


class Position(Struct, frozen=True):
    """How far a client has seen a domain's presence: the stream's epoch and the version in it."""

    epoch: Annotated[str, Meta(max_length=64, pattern=LINE)]
    version: Annotated[int, Meta(ge=0, le=2**53 - 1)]


class Coworker(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A listed user as every coworker sees them. `rev`: the directory's revision at this entry's last change.

    `gone`: no longer listed, or deleted; forget the entry. `photo`: its revision, to be read at
    `/v1/users/{user}/photo?rev=`; 0: there is none.
    """

    user: UserId
    rev: int
    extension: Extension
    first_name: str = ""
    last_name: str = ""
    department: str = ""
    site: str = ""
    job_title: str = ""
    email: str = ""
    photo: int = 0
    gone: bool = False


class File(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A file that was uploaded for a conversation: read it at `/v1/files/{file}`.

    `size` in bytes. A `width` (and `height`, in pixels, as it is to be shown): it is a picture with previews, at
    `/v1/files/{file}/preview`.
    """

    file: FileId
    name: str
    media_type: str
    size: int
    width: int = 0
    height: int = 0


class History(StrEnum):
    """What somebody sees who joins a group: all of it, or what comes from then on."""

    ALL = "all"
    JOINED = "joined"


class LineKind(StrEnum):
    """What a line in a group's conversation tells of. `managers`: who became one, `members`: who is none any more."""

    CREATED = "created"
    RENAMED = "renamed"
    ADDED = "added"
    REMOVED = "removed"
    LEFT = "left"
    MANAGERS = "managers"
    MEMBERS = "members"
    HISTORY = "history"


class Line(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What the sender of this message did to the group. `users`: to whom; `name` and `history`: what they are now."""

    kind: LineKind
    users: list[UserId] = []
    name: str = ""
    history: History | None = None


class Reaction(Struct, frozen=True):
    """One picture beside a message, and by whom, in the order in which they came."""

    emoji: str
    users: list[UserId]


class Delivery(StrEnum):
    """What became of a text message that went out."""

    SENDING = "sending"
    """The provider could not take it yet; it is tried again."""
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    """It will not arrive: refused, or the other side wants no more messages."""


class Message(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One chat message. `seq` counts from 1 without gaps within its conversation and is the order for everybody.

    `rev` counts the changes of all messages in the conversation, and is that of this message's last one; 0: as it was
    sent. Of two records of one message the one with the higher `rev` is the truth. A deleted message keeps its place,
    and has no text. `reply_to` is the number of another message, which the reader may not be able to see. With a `line`
    it is no text at all, but tells what its sender did to the group. One with `files` may have no words in its `body`.
    """

    conversation: ConversationId
    seq: int
    sender: UserId
    body: str
    sent_at: Instant
    client_id: str = ""
    files: list[File] = []
    rev: int = 0
    edited_at: Instant | None = None
    deleted_at: Instant | None = None
    reply_to: int = 0
    mentions: list[UserId] = []
    reactions: list[Reaction] = []
    line: Line | None = None
    delivery: Delivery | None = None


class ConversationKind(StrEnum):
    DIRECT = "direct"
    GROUP = "group"
    SMS = "sms"
    """Text messages with one outside number, which is its `name`; its messages are by user 0."""


class Role(StrEnum):
    """In a group. Managers remove members and say who else is a manager; nobody removes the creator."""

    MEMBER = "member"
    MANAGER = "manager"
    CREATOR = "creator"


class Member(Struct, frozen=True, omit_defaults=True):
    """Somebody in a conversation, with watermarks that only grow."""

    user: UserId
    read_seq: int = 0
    delivered_seq: int = 0
    role: Role = Role.MEMBER


class Conversation(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A conversation as one of its members sees it. `unread` counts others' messages after the member's `read_seq`.

    `last_rev`: how many changes of messages there were. `joined_seq`: this member sees what comes after. `group_seq`:
    number of the newest line, so as of which name, members, roles and `history` are told here. Of two records of
    `muted` the one with the higher `mute_rev` is the truth.
    """

    conversation: ConversationId
    kind: ConversationKind
    members: list[Member]
    last_seq: int = 0
    unread: int = 0
    name: str = ""
    last_message: Message | None = None
    updated_at: Instant | None = None
    last_rev: int = 0
    joined_seq: int = 0
    group_seq: int = 0
    history: History = History.ALL
    muted: bool = False
    mute_rev: int = 0


class Hit(Struct, frozen=True, kw_only=True):
    """A message that was found. `words`: what matched, as it stands in the text."""

    message: Message
    words: list[str]
