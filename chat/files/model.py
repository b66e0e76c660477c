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
    """About to be uploaded. `name` is clean (names.py). `size`: in bytes, as announced; 0: it was not."""

    domain: DomainId
    file: FileId
    conversation: ConversationId
    uploader: UserId
    name: str
    size: int = 0


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


class Usage(Struct, frozen=True):
    """What a domain's files take, in bytes. `quota` None: the default of the service; 0: no limit."""

    domain: DomainId
    used: int
    quota: int | None


class Opened(Struct, frozen=True):
    """To be handed on as it comes. `size` in bytes."""

    stream: AsyncIterator[bytes]
    size: int
