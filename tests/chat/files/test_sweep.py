"""What is left over: uploads that were cut off with their gateway, files that nobody sent, bytes without a row."""

from datetime import timedelta

import pytest

from chat.files.errors import FileNotFound
from chat.files.model import NewFile
from chat.files.quota import UNLIMITED
from chat.files.service import ARRIVING_AT_MOST, UNSENT_AT_MOST, make_file_id
from chat.service import ChatService
from storage.postgres.pool import connection
from tests.support.chat import make_client_id
from tests.support.file_bench import Bench


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
    await bench.store.begin(new, unsent=50, hourly=500, quota=UNLIMITED)
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
