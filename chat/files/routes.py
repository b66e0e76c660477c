"""The HTTP operations of files. `web/` serves and documents them."""

import re

from chat.files.errors import FileNotFound
from chat.files.model import Opened, Size
from chat.files.names import content_disposition
from chat.files.service import FileService
from wire.errors import Invalid
from wire.http import PreviewQuery, UploadQuery
from wire.identity import ConversationId, FileId
from wire.limits import LIMITS
from wire.operations import Answer, Ask, Content, Operation
from wire.records import File

HARMLESS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""Whatever is in a file, a browser may do nothing with it but show a picture of ours or save it."""
ASKED_AGAIN = "private, no-cache"
"""To be kept, but not to be shown without asking: who has left a conversation does not see its pictures again."""
PREVIEW_TYPE = "image/webp"

_FILE = re.compile(r"[A-Za-z0-9_-]{22}")


def operations(service: FileService) -> list[Operation]:
    return [
        _upload_file(service),
        _get_file(service),
        _get_preview(service),
        _discard_file(service),
    ]


def _upload_file(service: FileService) -> Operation:
    async def upload_file(ask: Ask) -> File:
        assert ask.stream is not None
        query: UploadQuery = ask.query
        return await service.upload(ask.user, conversation_of(ask), query.name, ask.stream, _announced(ask))

    return Operation(
        name="upload_file",
        method="POST",
        path="/v1/conversations/{conversation}/files",
        summary="Upload a file for a conversation, to be sent with a message within a day",
        handler=upload_file,
        query=UploadQuery,
        returns=File,
        status=201,
        errors=(401, 403, 404, 408, 413, 415, 422, 429, 503, 507),
        takes_bytes=LIMITS.file_bytes,
        tag="chat",
    )


def _get_file(service: FileService) -> Operation:
    async def get_file(ask: Ask) -> Answer:
        file, opened = await service.open(ask.user, _file_of(ask))
        headers = {**HARMLESS, "Content-Disposition": content_disposition(file.name)}
        return Answer(content=Content(opened.stream, file.media_type, opened.size), headers=headers)

    return Operation(
        name="get_file",
        method="GET",
        path="/v1/files/{file}",
        summary="Read a file of one of one's conversations, or one that one has just uploaded",
        handler=get_file,
        errors=(401, 403, 404, 503),
        gives="*/*",
        tag="chat",
    )


def _get_preview(service: FileService) -> Operation:
    async def get_preview(ask: Ask) -> Answer:
        query: PreviewQuery = ask.query
        file = _file_of(ask)
        tag = f'"{file}.{query.size}"'
        opened: Opened = await service.open_preview(ask.user, file, Size(query.size))
        headers = {**HARMLESS, "ETag": tag, "Cache-Control": ASKED_AGAIN, "Vary": "Cookie, Authorization"}
        if ask.headers.get("if-none-match", "").removeprefix("W/") == tag:
            return Answer(status=304, headers=headers)
        return Answer(content=Content(opened.stream, PREVIEW_TYPE, opened.size), headers=headers)

    return Operation(
        name="get_preview",
        method="GET",
        path="/v1/files/{file}/preview",
        summary="Look at a picture: a smaller one, made anew, without what cameras write into theirs",
        handler=get_preview,
        query=PreviewQuery,
        errors=(401, 403, 404, 422, 503),
        gives=PREVIEW_TYPE,
        tag="chat",
    )


def _discard_file(service: FileService) -> Operation:
    async def discard_file(ask: Ask) -> None:
        await service.discard(ask.user, _file_of(ask))

    return Operation(
        name="discard_file",
        method="DELETE",
        path="/v1/files/{file}",
        summary="Take back a file that was uploaded and not sent",
        handler=discard_file,
        errors=(401, 403, 404, 503),
        tag="chat",
    )


def conversation_of(ask: Ask) -> ConversationId:
    """Raises `Invalid` for what cannot be one."""
    text = ask.path["conversation"]
    if not text.isascii() or not text.isdigit() or len(text) > 15:
        raise Invalid("A conversation's id is a whole number", field="conversation")
    return ConversationId(int(text))


def _announced(ask: Ask) -> int:
    """How many bytes are to come; 0: it was not said."""
    length = ask.headers.get("content-length", "")
    return int(length) if length.isascii() and length.isdigit() else 0


def _file_of(ask: Ask) -> FileId:
    if not _FILE.fullmatch(ask.path["file"]):
        raise FileNotFound
    return FileId(ask.path["file"])
