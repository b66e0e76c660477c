"""The structs of contacts, beside the records of `wire/`."""

from enum import StrEnum

from msgspec import Struct

from wire.identity import Scope
from wire.records import Coworker


class Kind(StrEnum):
    SHARED = "shared"
    PERSONAL = "personal"


class DirectoryEntry(Struct, frozen=True):
    """A coworker with what decides who sees an unlisted one."""

    coworker: Coworker
    scope: Scope
    site: str | None
    listed: bool
