"""What may be done with files. Announces nothing: a file is told with the message that it is sent with.

Whoever masks another user may do nothing here, as everywhere in chat.
"""

import asyncio
import base64
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import structlog

from chat.errors import MaskedFromChat
from chat.files.errors import FileEmpty, FileNotFound, FileTooLarge, FileTypeRefused, TooManyUploads
from chat.files.model import Finished, NewFile, Opened, Place, Size
from chat.files.names import HEAD_BYTES, clean_name, is_program, media_type_of, picture_type_of
from chat.files.pictures import Previews, previews_of
from chat.files.quota import UNLIMITED
from chat.files.store import FileContents, FileStore
from wire.errors import Refused
from wire.identity import Caller, ConversationId, DomainId, FileId, UserId
from wire.limits import LIMITS
from wire.records import File

log = structlog.get_logger(__name__)

UPLOADS_AT_ONCE = 64
"""On one gateway, of all users: each holds a connection and some buffers."""
ARRIVING_AT_MOST = timedelta(hours=1)
"""A file whose upload began earlier and has not ended was cut off with its gateway."""
UNSENT_AT_MOST = timedelta(days=1)
SWEEP_EVERY = 300.0
"""Seconds."""
_SWEEP_BATCH = 200


class FileService:
    """`run` sweeps what was cut off or never sent; any number of gateways may do so at once.

    `quota`: how many bytes the files of a domain may take that has no quota of its own.
    """

    def __init__(
        self,
        store: FileStore,
        contents: FileContents,
        quota: int = UNLIMITED,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._store = store
        self._contents = contents
        self._quota = quota
        self._clock = clock
        self._uploading: Counter[tuple[DomainId, UserId]] = Counter()
        self._unpacking = asyncio.Semaphore(1)
        """One picture at a time: unpacked ones are large."""

    async def upload(
        self,
        caller: Caller,
        conversation: ConversationId,
        claimed_name: str,
        stream: AsyncIterator[bytes],
        size: int = 0,
    ) -> File:
        """Keeps a file, to be sent in this conversation by this caller within a day. `size`: in bytes, if announced.

        What goes wrong on the way, the client's disappearance included, leaves nothing. Raises `ConversationNotFound`,
        `FilesNotByText`, `FileTypeRefused`, `FileTooLarge`, `FileEmpty`, `FilesFull`, `TooManyUploads`,
        `TooManyUnsent`, `TooManyThisHour`.
        """
        _refuse_masked(caller)
        name = clean_name(claimed_name)
        if is_program(name, b""):
            raise FileTypeRefused(name)
        with self._one_more(caller):
            new = NewFile(caller.domain, make_file_id(), conversation, caller.user, name, size)
            await self._store.begin(new, unsent=LIMITS.file_unsent, hourly=LIMITS.file_hourly, quota=self._quota)
            try:
                return await self._keep(new, stream)
            except BaseException:
                await asyncio.shield(self._undo(new))
                raise

    @contextmanager
    def _one_more(self, caller: Caller) -> Iterator[None]:
        who = (caller.domain, caller.user)
        if self._uploading[who] >= LIMITS.file_uploads or self._uploading.total() >= UPLOADS_AT_ONCE:
            raise TooManyUploads
        self._uploading[who] += 1
        try:
            yield
        finally:
            self._uploading[who] -= 1
            if not self._uploading[who]:
                del self._uploading[who]

    async def _keep(self, new: NewFile, stream: AsyncIterator[bytes]) -> File:
        watched = _Watched(new.name, stream)
        await self._contents.put(Place(new.domain, new.file), watched.chunks())
        if not watched.size:
            raise FileEmpty
        previews = await self._previews(new) if picture_type_of(watched.head) else None
        media_type = media_type_of(new.name, watched.head)
        finished = Finished(media_type, watched.size, *((previews.width, previews.height) if previews else ()))
        return await self._store.finish(new.domain, new.file, finished, quota=self._quota)

    async def _previews(self, new: NewFile) -> Previews | None:
        async with self._unpacking:
            content = await self._contents.read(Place(new.domain, new.file))
            previews = await asyncio.to_thread(previews_of, content)
        if previews:
            await self._contents.put(Place(new.domain, new.file, Size.SMALL), _once(previews.small))
            await self._contents.put(Place(new.domain, new.file, Size.LARGE), _once(previews.large))
        return previews

    async def _undo(self, new: NewFile) -> None:
        try:
            await self._store.discard(new.domain, new.uploader, new.file)
            await self._delete_gone([(new.domain, new.file)])
        except Refused:
            log.warning("upload_not_undone", file=new.file)  # the sweep will

    async def discard(self, caller: Caller, file: FileId) -> None:
        """Takes back what was uploaded and not sent. Raises `FileNotFound`."""
        _refuse_masked(caller)
        if not await self._store.discard(caller.domain, caller.user, file):
            raise FileNotFound
        await self._delete_gone([(caller.domain, file)])

    async def open(self, caller: Caller, file: FileId) -> tuple[File, Opened]:
        """Raises `FileNotFound`."""
        found = await self._find(caller, file)
        return found, await self._open(Place(caller.domain, file))

    async def open_preview(self, caller: Caller, file: FileId, size: Size) -> Opened:
        """A WebP picture. Raises `FileNotFound`, also for a file without previews."""
        found = await self._find(caller, file)
        if not found.width:
            raise FileNotFound
        return await self._open(Place(caller.domain, file, size))

    async def _find(self, caller: Caller, file: FileId) -> File:
        _refuse_masked(caller)
        found = await self._store.find(caller, file)
        if found is None:
            raise FileNotFound
        return found

    async def _open(self, place: Place) -> Opened:
        opened = await self._contents.get(place)
        if opened is None:
            raise FileNotFound
        return opened

    # ------------------------------------------------------------ what is left over

    async def run(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_EVERY)
            try:
                await self.sweep()
            except Refused as refused:
                log.warning("files_not_swept", reason=refused.message)

    async def sweep(self) -> None:
        """Forgets uploads that were cut off or never sent, and deletes the bytes of everything that was forgotten."""
        now = self._clock()
        while await self._store.forget_unsent(now - ARRIVING_AT_MOST, now - UNSENT_AT_MOST, _SWEEP_BATCH):
            pass
        while gone := await self._store.gone(_SWEEP_BATCH):
            await self._delete_gone(list(gone))

    async def _delete_gone(self, files: list[tuple[DomainId, FileId]]) -> None:
        await self._contents.delete([place for domain, file in files for place in Place.all_of(domain, file)])
        await self._store.deleted(files)


class _Watched:
    """A stream with its first bytes and its length. Raises in the midst of it if it is a program or too long."""

    def __init__(self, name: str, stream: AsyncIterator[bytes]) -> None:
        self._name = name
        self._stream = stream
        self.head = b""
        self.size = 0

    async def chunks(self) -> AsyncIterator[bytes]:
        async for chunk in self._stream:
            self.size += len(chunk)
            if self.size > LIMITS.file_bytes:
                raise FileTooLarge(LIMITS.file_bytes)
            if len(self.head) < HEAD_BYTES:
                self.head = (self.head + chunk)[:HEAD_BYTES]
                if is_program("", self.head):
                    raise FileTypeRefused(self._name)
            if chunk:
                yield chunk


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content


def make_file_id() -> FileId:
    """128 random bits."""
    return FileId(base64.urlsafe_b64encode(secrets.token_bytes(16)).decode().rstrip("="))


def _refuse_masked(caller: Caller) -> None:
    if caller.operator is not None:
        raise MaskedFromChat
