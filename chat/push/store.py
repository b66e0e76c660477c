"""What push needs kept. Every method raises `wire.errors.Unavailable` if the store does not answer."""

from collections.abc import Sequence
from typing import Protocol

from chat.push.model import NewSubscription, Notice, Noticed, Subscription
from wire.identity import DomainId, UserId


class PushStore(Protocol):
    async def signing_key(self, made: bytes) -> bytes:
        """The one key of the service; `made` if there is none yet."""

    async def subscribe(self, new: NewSubscription, most: int) -> None:
        """Also forgets the oldest of the user's, beyond `most`. An endpoint that is known gets the new keys and login.

        One endpoint is of one user: whoever logs in to a browser later takes it over.
        """

    async def unsubscribe(self, domain: DomainId, user: UserId, endpoint: str) -> None: ...

    async def forget(self, subscription: Subscription) -> None:
        """Its service says that it is no more."""

    async def subscribers(self, domain: DomainId) -> Sequence[UserId]: ...

    async def notices(self, noticed: Sequence[Noticed]) -> Sequence[Notice]:
        """What is to be told of these messages of one domain, and to whom: those who have not read them, are not in
        DND, and have not muted the conversation or are mentioned. Of each conversation only the newest."""
