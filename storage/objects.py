"""Bytes of files, in a folder or in S3-compatible storage. The rows that know of them: postgres/files.py.

What short commands do too (trying out, reading whole, deleting) runs in worker threads: obstore's `_async` functions
hand their result over from a thread of their own, which asks for the interpreter once more afterwards. If that is
ending by then (Python before 3.14), the whole process is aborted: seen in every fifth program that ended at once.
Streams stay with those functions: they are a gateway's only, and a slow client must not hold a worker.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote, urlsplit

import obstore
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import LocalStore, ObjectStore, S3Store

from chat.files.model import Opened, Place
from wire.errors import Unavailable

if TYPE_CHECKING:
    from obstore.store import ClientConfig

_DELETIONS_AT_ONCE = 4
_CHUNK_BYTES = 262_144
_PARTS_AT_ONCE = 2
"""Of 5 MB each: what one upload may hold in memory."""
_GONE = (NotFoundError, FileNotFoundError)


def open_objects(url: str) -> ObjectStore:
    """`file:///folder`, made if it is not there, or `s3://bucket/prefix?endpoint=https://...&region=...`.

    Credentials for S3 come as everywhere: `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, or what the machine is given.
    """
    parts = urlsplit(url)
    if parts.scheme == "file":
        folder = Path(unquote(parts.path))
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return LocalStore(folder)
    given = dict(parse_qsl(parts.query))
    endpoint = given.get("endpoint")
    options: ClientConfig = {"allow_http": endpoint is not None and endpoint.startswith("http://")}
    return S3Store(
        parts.netloc,
        prefix=parts.path.strip("/") or None,
        endpoint=endpoint,
        region=given.get("region", "us-east-1"),
        client_options=options,
    )


async def try_out(objects: ObjectStore, name: str) -> None:
    """Keeps a byte, reads it and deletes it again. Raises `Unavailable`."""

    def keep_and_delete() -> None:
        obstore.put(objects, name, b"x")
        obstore.get(objects, name).bytes()
        obstore.delete(objects, name)

    with _translated():
        await asyncio.to_thread(keep_and_delete)


class ObjectFileContents:
    """See `chat.files.store.FileContents`."""

    def __init__(self, objects: ObjectStore) -> None:
        self._objects = objects

    async def put(self, place: Place, stream: AsyncIterator[bytes]) -> None:
        with _translated():
            await obstore.put_async(self._objects, _path_of(place), stream, max_concurrency=_PARTS_AT_ONCE)

    async def get(self, place: Place) -> Opened | None:
        try:
            with _translated():
                found = await obstore.get_async(self._objects, _path_of(place))
        except _GONE:
            return None
        return Opened(found.stream(min_chunk_size=_CHUNK_BYTES), found.meta["size"])

    async def read(self, place: Place) -> bytes:
        def read() -> bytes:
            return bytes(obstore.get(self._objects, _path_of(place)).bytes())

        try:
            with _translated():
                return await asyncio.to_thread(read)
        except _GONE:
            return b""

    async def delete(self, places: Sequence[Place]) -> None:
        for at in range(0, len(places), _DELETIONS_AT_ONCE):
            await asyncio.gather(*(self._delete(place) for place in places[at : at + _DELETIONS_AT_ONCE]))

    async def _delete(self, place: Place) -> None:
        with suppress(*_GONE), _translated():
            await asyncio.to_thread(obstore.delete, self._objects, _path_of(place))


def _path_of(place: Place) -> str:
    """Spread over many folders, since some file systems are slow with many files in one."""
    end = f".{place.preview}" if place.preview else ""
    return f"{place.domain}/{place.file[:2]}/{place.file}{end}"


@contextmanager
def _translated() -> Iterator[None]:
    """Turns what a caller can do something about into our error; what is not there stays what it is."""
    try:
        yield
    except _GONE:
        raise
    except (BaseError, OSError) as error:
        raise Unavailable("The storage for files does not answer; try again in a moment", retry_after=2.0) from error
