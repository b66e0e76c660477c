"""The structs of imports, beside those of `wire/`."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from msgspec import Struct

from contacts.model import BookId, Changed
from wire.identity import UserId
from wire.imports import Import

Progress = Callable[[int], Awaitable[None]]
"""Told how many rows are done, now and then."""


class KeptImport(Struct, frozen=True, kw_only=True):
    """An import with what is not for clients. `reading`: how often its file was read."""

    shown: Import
    book: BookId
    user: UserId
    operator: UserId | None
    reading: int
    changed_at: datetime


class Applied(Struct, frozen=True):
    """What applying or undoing came to: the import as it is now, and how far the book has moved on."""

    shown: Import
    changed: Changed
