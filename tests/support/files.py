"""Files over real HTTP, as clients upload and read them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2
import msgspec

from tests.support.http import http_client
from wire.identity import ConversationId, FileId
from wire.records import File

Body = bytes | AsyncIterator[bytes]


class FileClient:
    """One user's requests."""

    def __init__(self, http: httpx2.AsyncClient) -> None:
        self.http = http

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str, token: str) -> "AsyncIterator[FileClient]":
        headers = {"Authorization": f"Bearer {token}"}
        async with http_client(url, headers=headers) as http:
            yield cls(http)

    async def try_upload(
        self, conversation: ConversationId, content: Body, name: str = "notes.txt", **headers: str
    ) -> httpx2.Response:
        path = f"/v1/conversations/{conversation}/files"
        return await self.http.post(path, params={"name": name}, content=content, headers=headers)

    async def upload(self, conversation: ConversationId, content: Body, name: str = "notes.txt") -> File:
        response = await self.try_upload(conversation, content, name)
        assert response.status_code == 201, response.text
        return msgspec.json.decode(response.content, type=File)

    async def get(self, file: FileId, rest: str = "", **headers: str) -> httpx2.Response:
        return await self.http.get(f"/v1/files/{file}{rest}", headers=headers)

    async def discard(self, file: FileId) -> httpx2.Response:
        return await self.http.delete(f"/v1/files/{file}")
