"""Names of things, and who is asking.

Ids are `NewType`s so that a user cannot be passed where a conversation is meant. A user's id is a small number counted
within the domain, not the extension: an extension may be given to somebody else later, and that person must not
inherit the conversations of the first.
"""

from enum import IntEnum
from typing import Annotated, NewType

from msgspec import Meta, Struct

from wire.errors import NotAllowed

DomainId = NewType("DomainId", str)
"""A tenant, by its SIP domain name in lower case, e.g. `acme.example`."""

UserId = NewType("UserId", int)
"""A user within a domain, counted from 1 and never used twice."""

NOBODY = UserId(0)
"""In place of a user: an administrator, who runs the service and is nobody in any domain."""

Extension = NewType("Extension", str)
ConversationId = NewType("ConversationId", int)
"""A conversation within a domain, counted from 1."""

GivenUser = Annotated[UserId, Meta(ge=1, le=2**31 - 1)]
GivenConversation = Annotated[ConversationId, Meta(ge=1, le=2**53 - 1)]
"""Ids in what a client sends: bounded, so that no number reaches a store that its column could not hold."""

FileId = NewType("FileId", str)
"""A file of a conversation. Random; knowing it opens nothing to whoever is not in the conversation."""

GivenFile = Annotated[FileId, Meta(pattern=r"^[A-Za-z0-9_-]{22}(?!\n)$")]

SessionId = NewType("SessionId", str)
"""A login (cookie or bearer token). Random, safe to show; knowing it does not log anybody in."""

ConnectionId = NewType("ConnectionId", str)
"""One open WebSocket."""

GatewayId = NewType("GatewayId", str)
DeviceId = NewType("DeviceId", str)
CallId = NewType("CallId", str)
SourceId = NewType("SourceId", str)
"""Who reported a fact: a switch by its name, or `portal` for what users say through us."""


class Scope(IntEnum):
    """What a user may do, weakest first. The order is the rank: `a < b` means that b outranks a."""

    NO_PORTAL = 0
    SIMPLE_USER = 1
    BASIC_USER = 2
    ADVANCED_USER = 3
    CALL_CENTER_AGENT = 4
    CALL_CENTER_SUPERVISOR = 5
    SITE_MANAGER = 6
    OFFICE_MANAGER = 7
    RESELLER = 8
    SUPER_USER = 9


class Caller(Struct, frozen=True, gc=False):
    """Whoever is asking: every handler and route gets one, and nothing else about the connection.

    `user` is the person acted for. While masked, `operator` is the person at the keyboard, else None. `address`: from
    where, for the audit.
    """

    domain: DomainId
    user: UserId
    extension: Extension
    scope: Scope
    session: SessionId
    site: str | None = None
    operator: UserId | None = None
    address: str = ""
    may_only: frozenset[str] | None = None
    """Of a program's key: the operations and commands that it was made for. None: no key, and no such limit."""
    key: str = ""
    """What that key is called, for the audit."""
    only_domains: frozenset[DomainId] | None = None
    """Of an administrator: where. None: everywhere."""

    @property
    def is_administrator(self) -> bool:
        """Whoever runs the service, at the command line or by a key. Named as a user by nobody: users count from 1."""
        return self.user == NOBODY

    @property
    def may_chat(self) -> bool:
        """Whether anything of the user's chat may be shown: not to a mask, nor to a key that was not made for it."""
        return self.operator is None and (self.may_only is None or "send_message" in self.may_only)

    @property
    def is_present(self) -> bool:
        """Whether it is the user who is there: a mask or a program never lights the dot."""
        return self.operator is None and self.may_only is None

    def administers(self, domain: DomainId) -> bool:
        """Whether an administrator may act there."""
        return self.is_administrator and (self.only_domains is None or domain in self.only_domains)

    def check_may(self, what: str) -> None:
        """`what`: an operation's or a command's name. Raises `NotAllowed`."""
        if self.may_only is not None and what not in self.may_only:
            raise NotAllowed("This key was not made for that")
