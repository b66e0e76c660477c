"""The structs of files, beside `wire.records.File`."""

from collections.abc import AsyncIterator
from enum import StrEnum

from msgspec import Struct

from wire.identity import ConversationId, DomainId, FileId, UserId


class Size(StrEnum):
    """Of a preview."""

    SMALL = "small"
    LARGE = "large"


class NewFile(Struct, frozen=True):
    """About to be uploaded. `name` is clean (names.py)."""

    domain: DomainId
    file: FileId
    conversation: ConversationId
    uploader: UserId
    name: str


class Finished(Struct, frozen=True):
    """What is known of a file once all of it is there. `width` 0: no previews."""

    media_type: str
    size: int
    width: int = 0
    height: int = 0


class Place(Struct, frozen=True):
    """Where bytes lie: a file's own, or those of one of its previews."""

    domain: DomainId
    file: FileId
    preview: Size | None = None

    @classmethod
    def all_of(cls, domain: DomainId, file: FileId) -> "list[Place]":
        return [cls(domain, file), *(cls(domain, file, size) for size in Size)]


class Opened(Struct, frozen=True):
    """To be handed on as it comes. `size` in bytes."""

    stream: AsyncIterator[bytes]
    size: int
