"""What answers a command. A reply carries the command's `id`; an event (events.py) never has one.

Whatever a command changed also reaches the caller's other connections as an event; the connection that asked gets the
event too, so that a client has one place to apply changes and may treat the reply as a receipt.
"""

from msgspec import UNSET, Struct, UnsetType

from wire.contacts import ContactsPosition, NumberFound
from wire.errors import ErrorCode
from wire.identity import ConnectionId, ConversationId, DomainId, Extension, UserId
from wire.limits import Limits
from wire.records import Conversation, Coworker, Explanation, File, Hit, Instant, Message, Position
from wire.tagging import snake_case


class Reply(Struct, frozen=True, omit_defaults=True, kw_only=True, tag_field="op", tag=snake_case):
    id: int = 0


class Connected(Reply, frozen=True, kw_only=True):
    """The first reply. What the client may not do is left out of `permissions` (accounts/permissions.py).

    `server_time` in Unix seconds. The server sends a `heartbeat` at least every `heartbeat_interval` seconds; after two
    without one, the connection is dead. `resumed`: the presence position was still good, so that only what changed
    since then follows, instead of a snapshot.
    """

    connection: ConnectionId
    domain: DomainId
    user: UserId
    extension: Extension
    protocol: int
    server: str
    server_time: float
    heartbeat_interval: int
    limits: Limits
    permissions: list[str]
    features: list[str]
    presence: Position
    directory_rev: int
    contacts: ContactsPosition
    """Where the books of contacts are; what the client missed since its own position follows, if it is not too much."""
    resumed: bool = False
    listing_everybody: bool = True
    """False where there are more people than `limits.listed_people`: read pages of them; `get_coworkers` has names."""
    watching_everybody: bool = True
    """False in a very large domain: name whom you look at with `watch`."""
    masked_by: UserId | None = None
    timeline: str = ""
    """Of the database. If it is another than before, a database took over that may lack what was told last, and gives
    its numbers out again: forget everything but what was not sent yet, and begin with what is told now."""


class Done(Reply, frozen=True, kw_only=True):
    """Carried out; nothing to tell but that."""


class Failed(Reply, frozen=True, kw_only=True):
    """Refused. `field` names the wrong input, `retry_after` is in seconds, `temporary`: the same may work later."""

    code: ErrorCode
    message: str
    temporary: bool
    field: str | UnsetType = UNSET
    retry_after: float | UnsetType = UNSET


class Watching(Reply, frozen=True, kw_only=True):
    """`users`: how many were named; absent while everybody is looked at."""

    everybody: bool
    users: int = 0


class Explained(Reply, frozen=True, kw_only=True):
    explanation: Explanation


class DeviceRegistered(Reply, frozen=True, kw_only=True):
    """`expires_at` in Unix seconds; refresh well before."""

    expires_at: float


class CoworkersFound(Reply, frozen=True, kw_only=True):
    """As they are in the directory at `rev` or later. `missing`: not listed (any more), or not there."""

    rev: int
    coworkers: list[Coworker]
    missing: list[UserId] = []


class NumberLookedUp(Reply, frozen=True, kw_only=True):
    found: NumberFound


class ConversationOpened(Reply, frozen=True, kw_only=True):
    conversation: Conversation


class ConversationsListed(Reply, frozen=True, kw_only=True):
    """`next`: pass as `before` for the following page; absent on the last."""

    conversations: list[Conversation]
    next: str | None = None


class MessageSent(Reply, frozen=True, kw_only=True):
    """Kept: the message is committed. `duplicate`: this `client_id` had been sent before; nothing new was made."""

    conversation: ConversationId
    client_id: str
    seq: int
    sent_at: Instant
    duplicate: bool = False
    files: list[File] = []


class MessagesListed(Reply, frozen=True, kw_only=True):
    """Ascending by `seq`. `more`: there are further messages in the direction that was asked for.

    Where both sides were asked for, `more` is about older messages and `more_newer` about newer ones, and `seq` is the
    number around which they stand.
    """

    conversation: ConversationId
    messages: list[Message]
    more: bool = False
    more_newer: bool = False
    seq: int = 0


class ChangesListed(Reply, frozen=True, kw_only=True):
    """Ascending by their `rev`. The client knows all changes up to `rev` then; `more`: ask for those after it."""

    conversation: ConversationId
    messages: list[Message]
    rev: int
    more: bool = False


class MessagesFound(Reply, frozen=True, kw_only=True):
    """Newest first. `next`: pass as `before` for the following page; absent on the last."""

    hits: list[Hit]
    next: str | None = None


AnyReply = (
    Connected
    | Done
    | Failed
    | Watching
    | Explained
    | DeviceRegistered
    | CoworkersFound
    | NumberLookedUp
    | ConversationOpened
    | ConversationsListed
    | MessageSent
    | MessagesListed
    | ChangesListed
    | MessagesFound
)
