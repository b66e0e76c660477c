"""What is left over: uploads that were cut off with their gateway, files that nobody sent, bytes without a row."""

import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from chat.files.errors import FileNotFound
from chat.files.model import NewFile
from chat.files.service import ARRIVING_AT_MOST, UNSENT_AT_MOST, FileService, make_file_id
from chat.service import ChatService
from storage.objects import ObjectFileContents, open_objects
from storage.postgres.files import PostgresFileStore
from storage.postgres.pool import Pool, connection
from tests.support.chat import make_client_id, make_company
from tests.support.pictures import picture
from wire.identity import Caller, ConversationId
from wire.records import File


class Bench:
    """A conversation of two, with files in a folder of its own and a clock to turn."""

    def __init__(self, pool: Pool, folder: Path) -> None:
        self.pool = pool
        self.folder = folder
        self.now = datetime.now(UTC)
        self.store = PostgresFileStore(pool)
        self.files = FileService(self.store, ObjectFileContents(open_objects(folder.as_uri())), lambda: self.now)
        self.anna: Caller
        self.conversation: ConversationId

    async def upload(self) -> File:
        async def stream() -> AsyncIterator[bytes]:
            yield picture()

        return await self.files.upload(self.anna, self.conversation, "picture.png", stream())

    @property
    def kept(self) -> set[str]:
        return {path.name.partition(".")[0] for path in self.folder.rglob("*") if path.is_file()}


@pytest.fixture
def folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp())
    yield made
    shutil.rmtree(made)


@pytest.fixture
async def bench(pool: Pool, chat: ChatService, folder: Path) -> Bench:
    company, (anna, ben) = await make_company(pool, 2)
    made = Bench(pool, folder)
    made.anna = company.caller(anna)
    made.conversation = (await chat.open_conversation(made.anna, ben)).conversation
    return made


async def test_what_waits_to_be_sent_is_kept_for_a_day(bench: Bench) -> None:
    waiting = await bench.upload()
    bench.now += UNSENT_AT_MOST - timedelta(minutes=1)
    await bench.files.sweep()
    assert bench.kept == {waiting.file}
    bench.now += timedelta(minutes=2)
    await bench.files.sweep()
    assert bench.kept == set()
    with pytest.raises(FileNotFound):
        await bench.files.open(bench.anna, waiting.file)


async def test_an_upload_that_died_with_its_gateway_is_forgotten_in_an_hour(bench: Bench) -> None:
    file = make_file_id()
    new = NewFile(bench.anna.domain, file, bench.conversation, bench.anna.user, "half.bin")
    await bench.store.begin(new, unsent=50, hourly=500)
    half = bench.folder / bench.anna.domain / file[:2]
    half.mkdir(parents=True)
    (half / file).write_bytes(b"half of it")
    await bench.files.sweep()
    assert bench.kept == {file}
    bench.now += ARRIVING_AT_MOST + timedelta(minutes=1)
    await bench.files.sweep()
    assert bench.kept == set()


async def test_what_was_sent_stays_and_goes_with_its_message(bench: Bench, chat: ChatService) -> None:
    file = await bench.upload()
    kept = await chat.send(bench.anna, bench.conversation, make_client_id(), "", files=[file.file])
    bench.now += timedelta(days=400)
    await bench.files.sweep()
    assert bench.kept == {file.file}
    where = (bench.anna.domain, bench.conversation, kept.message.seq)
    async with connection(bench.pool) as conn:
        await conn.execute(
            "UPDATE messages SET files = NULL WHERE domain_id = $1 AND conversation_id = $2 AND seq = $3", *where
        )
    await bench.files.sweep()
    assert bench.kept == set()


async def test_a_conversation_that_is_deleted_takes_its_files_along(bench: Bench, chat: ChatService) -> None:
    sent, unsent = await bench.upload(), await bench.upload()
    await chat.send(bench.anna, bench.conversation, make_client_id(), "", files=[sent.file])
    assert bench.kept == {sent.file, unsent.file}
    async with connection(bench.pool) as conn:
        await conn.execute("DELETE FROM domains WHERE domain_id = $1", bench.anna.domain)
    await bench.files.sweep()
    assert bench.kept == set()
