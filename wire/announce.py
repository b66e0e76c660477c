"""How a service tells clients on any gateway that something changed, and how gateways hear of it. Implemented by
storage/redis/bus.py.

Only `*/service.py` calls an `Announcer`, and only after the change is committed (tests/test_architecture.py holds
the first half).
"""

from collections.abc import Sequence
from typing import Protocol

from msgspec import Struct

from wire.events import AnyEvent, EndReason
from wire.identity import ConversationId, DomainId, SessionId, UserId


class Announcer(Protocol):
    """Telling is at most once and never fails the caller: what is lost is healed by positions, not retried here."""

    async def announce(
        self,
        domain: DomainId,
        event: AnyEvent,
        to: Sequence[UserId] | None = None,
        *,
        shown_in: ConversationId | None = None,
    ) -> None:
        """To all open connections of the users `to`, or of everybody in the domain. Encoded once.

        `shown_in`: only to those of them that show this conversation just now. An event about chat does not go to
        connections in which somebody else acts as one of them.
        """

    async def end_sessions(
        self, domain: DomainId, user: UserId | None, reason: EndReason, sessions: Sequence[SessionId] | None = None
    ) -> None:
        """Closes the connections that hang on the user's `sessions` (all of them if None) on every gateway.

        `user` None: everybody's in the domain.
        """


class Announcement(Struct, frozen=True, array_like=True):
    """Goes before an event on the bus: whom it is for. `to` None: everybody in the domain.

    `is_private`: not for those who act as one of these users. `shown_in`: only for connections that show it.
    """

    to: list[UserId] | None
    is_private: bool = False
    shown_in: ConversationId | None = None


class SessionsEnded(Struct, frozen=True, array_like=True):
    """These logins of a user (all of them if None; everybody's, if `user` is None) are over on every gateway."""

    user: UserId | None
    reason: EndReason
    sessions: list[SessionId] | None


class Follower(Protocol):
    """Who follows a domain on this gateway. Called synchronously, in the order of the bus."""

    def presence(self, payload: bytes) -> None:
        """A message of the presence stream, as made by presence.lua."""

    def announced(self, announcement: Announcement, event: bytes) -> None:
        """`event` is the JSON of a wire event, ready to send."""

    def sessions_ended(self, ended: SessionsEnded) -> None:
        """To be closed here, if they are connected here."""

    def lost(self) -> None:
        """Messages may have been lost: read again."""


class Bus(Protocol):
    """The domain's stream, as gateways follow it."""

    async def follow(self, domain: DomainId, follower: Follower) -> None:
        """Returns once the subscription is confirmed: what is read after that misses nothing."""

    async def unfollow(self, domain: DomainId) -> None:
        """Nothing more of the domain is delivered."""
