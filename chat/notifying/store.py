"""What notifications need kept. Every method raises `wire.errors.Unavailable` if the store does not answer."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from chat.notifying.model import DueMessages, DueUser, Told
from wire.identity import DomainId, UserId


class NotifyingStore(Protocol):
    async def email_minutes(self, domain: DomainId, user: UserId) -> int:
        """After how many minutes unread the user wants a digest; 0: never."""

    async def set_email_minutes(self, domain: DomainId, user: UserId, minutes: int) -> None: ...

    async def domains(self) -> Sequence[DomainId]: ...

    async def due(self, domain: DomainId, now: datetime, limit: int) -> Sequence[DueUser]:
        """Who is to get a digest now: has an address, is not in DND, got none within the hour, and has messages that
        were unread for long enough and not told of before."""

    async def claim(self, user: DueUser, now: datetime, until: datetime) -> bool:
        """Whether the digest is ours to send. If nobody says by then that it went out, it is to be had again."""

    async def untold(self, user: DueUser) -> Sequence[DueMessages]:
        """Everything unread that the user was not told of by mail, by conversation, newest first."""

    async def told(self, user: DueUser, told: Sequence[Told], now: datetime) -> None:
        """It went out: nothing of it is told again."""


class Lease(Protocol):
    async def take(self, job: str, seconds: float) -> bool:
        """Whether the job is ours for so long; of all gateways that ask, one gets it."""
