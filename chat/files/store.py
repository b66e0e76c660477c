"""What files need kept: their rows, and their bytes. Every method raises `wire.errors.Unavailable` if its store does
not answer."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Protocol

from chat.files.model import Finished, NewFile, Opened, Place, Usage
from wire.identity import Caller, DomainId, FileId, UserId
from wire.records import File


class FileStore(Protocol):
    async def begin(self, new: NewFile, *, unsent: int, hourly: int, quota: int) -> None:
        """Lists a file before its first byte is kept; the room that it says it will take is taken from now on.

        `quota`: of domains that have none of their own. Raises `ConversationNotFound` unless the uploader is in it;
        `FilesNotByText` if that is with a number outside; `TooManyUnsent` and `TooManyThisHour` if there are as many
        already; `FilesFull`.
        """

    async def finish(self, domain: DomainId, file: FileId, finished: Finished, *, quota: int) -> File:
        """From now on it can be sent. Raises `FileNotFound` if it was forgotten meanwhile, `FilesFull` if it is larger
        than it was said to be.
        """

    async def set_quota(self, domain: DomainId, quota: int | None) -> int | None:
        """None: the default. Returns what it was before, and writes both into the audit. Raises `NotFound`."""

    async def usage(self) -> Sequence[Usage]:
        """Of all domains."""

    async def discard(self, domain: DomainId, uploader: UserId, file: FileId) -> bool:
        """Forgets one that was not sent; its bytes are to be deleted. False if there is none."""

    async def find(self, caller: Caller, file: FileId) -> File | None:
        """If the caller may read it: as the message it was sent with, and before that only the uploader."""

    async def forget_unsent(self, arriving_since: datetime, waiting_since: datetime, limit: int) -> int:
        """Forgets files of all domains whose upload began, or which wait to be sent, since before; how many."""

    async def gone(self, limit: int) -> Sequence[tuple[DomainId, FileId]]:
        """Files of all domains that were forgotten, and whose bytes are still to be deleted."""

    async def deleted(self, files: Sequence[tuple[DomainId, FileId]]) -> None:
        """Their bytes are deleted."""


class FileContents(Protocol):
    """Bytes, by their place."""

    async def put(self, place: Place, stream: AsyncIterator[bytes]) -> None:
        """All of it or nothing: what the stream raises is raised here, and leaves nothing behind."""

    async def get(self, place: Place) -> Opened | None: ...

    async def read(self, place: Place) -> bytes:
        """The whole of something small. Empty if there is nothing."""

    async def delete(self, places: Sequence[Place]) -> None:
        """What is not there is as good as deleted."""
