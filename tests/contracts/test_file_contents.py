"""Bytes of files, in a folder and in S3-compatible storage: the same promises."""

import asyncio
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from chat.files.model import Place, Size
from chat.files.service import make_file_id
from chat.files.store import FileContents
from storage.objects import ObjectFileContents, open_objects
from tests.support.s3 import FakeS3
from tests.support.serving import serving
from wire.errors import Unavailable
from wire.identity import DomainId


class Backend:
    """`kept`: how many objects, and how many unfinished ones, there are."""

    def __init__(self, url: str, folder: Path | None, s3: FakeS3 | None) -> None:
        self.contents: FileContents = ObjectFileContents(open_objects(url))
        self.folder = folder
        self.s3 = s3

    @property
    def kept(self) -> int:
        if self.s3:
            return len(self.s3.objects) + len(self.s3.parts)
        assert self.folder
        return sum(path.is_file() for path in self.folder.rglob("*"))


@pytest.fixture(params=["folder", "s3"])
async def backend(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Backend]:
    if request.param == "folder":
        folder = Path(tempfile.mkdtemp())
        yield Backend((folder / "not yet there").as_uri(), folder, None)
        shutil.rmtree(folder)
        return
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "somebody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    s3 = FakeS3()
    async with serving(s3.application) as endpoint:
        yield Backend(f"s3://bucket/some/prefix?endpoint={endpoint}", None, s3)


def place(preview: Size | None = None) -> Place:
    return Place(DomainId("a.test"), make_file_id(), preview)


class CutOff(Exception):
    """As when a client disappears."""


async def chunks(*given: bytes) -> AsyncIterator[bytes]:
    for chunk in given:
        yield chunk


async def cut_off(*given: bytes) -> AsyncIterator[bytes]:
    for chunk in given:
        yield chunk
    raise CutOff


LARGE = [bytes([number]) * 1_000_000 for number in range(20)]


async def test_what_was_put_is_read_again(backend: Backend) -> None:
    small, large = place(), place()
    await backend.contents.put(small, chunks(b"one", b"two"))
    await backend.contents.put(large, chunks(*LARGE))
    assert await backend.contents.read(small) == b"onetwo"
    opened = await backend.contents.get(large)
    assert opened is not None
    assert opened.size == 20_000_000
    read = [bytes(chunk) async for chunk in opened.stream]
    assert b"".join(read) == b"".join(LARGE)
    assert len(read) > 1, "in parts, and not all of it in memory"


async def test_the_previews_of_a_file_lie_beside_it(backend: Backend) -> None:
    own = place()
    small = Place(own.domain, own.file, Size.SMALL)
    await backend.contents.put(own, chunks(b"own"))
    await backend.contents.put(small, chunks(b"small"))
    assert (await backend.contents.read(own), await backend.contents.read(small)) == (b"own", b"small")


async def test_what_is_not_there_is_not_there(backend: Backend) -> None:
    assert await backend.contents.get(place()) is None
    assert await backend.contents.read(place()) == b""


async def test_what_breaks_off_leaves_nothing(backend: Backend) -> None:
    for content in ([], [b"a little"], LARGE):
        with pytest.raises(CutOff):
            await backend.contents.put(place(), cut_off(*content))
    assert backend.kept == 0


async def test_deleting_takes_all_that_is_there(backend: Backend) -> None:
    kept, own, never = place(), place(), place()
    for each in (kept, own, Place(own.domain, own.file, Size.LARGE)):
        await backend.contents.put(each, chunks(b"x"))
    await backend.contents.delete([*Place.all_of(own.domain, own.file), *Place.all_of(never.domain, never.file)])
    assert backend.kept == 1
    assert await backend.contents.read(kept) == b"x"


async def test_a_storage_that_is_away_is_unavailable(backend: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    if backend.s3 is None:
        pytest.skip("a folder is always there")
    backend.s3.fails = True
    with pytest.raises(Unavailable):
        await backend.contents.put(place(), chunks(b"x"))
    with pytest.raises(Unavailable):
        await backend.contents.get(place())


async def test_a_program_that_ends_at_once_is_not_aborted(tmp_path: Path) -> None:
    """A thread of the library that outlives the interpreter aborts the process: about one in five did."""
    program = (
        "import asyncio, sys; from storage.objects import open_objects, try_out;"
        "asyncio.run(try_out(open_objects(sys.argv[1]), sys.argv[2]))"
    )

    async def run(name: str) -> int:
        started = await asyncio.create_subprocess_exec(sys.executable, "-c", program, tmp_path.as_uri(), name)
        return await started.wait()

    assert await asyncio.gather(*(run(f"program-{number}") for number in range(12))) == [0] * 12
