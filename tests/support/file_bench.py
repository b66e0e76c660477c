"""Files of a conversation, in a folder of the test's own and with a clock to turn."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

from chat.files.quota import UNLIMITED
from chat.files.service import FileService
from storage.objects import ObjectFileContents, open_objects
from storage.postgres.files import PostgresFileStore
from storage.postgres.pool import Pool
from tests.support.pictures import picture
from wire.identity import Caller, ConversationId
from wire.records import File


class Bench:
    """A conversation of two, with files in a folder of its own and a clock to turn."""

    def __init__(self, pool: Pool, folder: Path, quota: int = UNLIMITED) -> None:
        self.pool = pool
        self.folder = folder
        self.now = datetime.now(UTC)
        self.store = PostgresFileStore(pool)
        contents = ObjectFileContents(open_objects(folder.as_uri()))
        self.files = FileService(self.store, contents, quota, clock=lambda: self.now)
        self.anna: Caller
        self.conversation: ConversationId

    async def upload(self) -> File:
        return await self.files.upload(self.anna, self.conversation, "picture.png", _stream(picture()))

    async def upload_bytes(self, count: int, *, announced: bool = True) -> File:
        size = count if announced else 0
        return await self.files.upload(self.anna, self.conversation, "notes.txt", _stream(b"x" * count), size)

    @property
    def kept(self) -> set[str]:
        return {path.name.partition(".")[0] for path in self.folder.rglob("*") if path.is_file()}


async def _stream(content: bytes) -> AsyncIterator[bytes]:
    yield content
