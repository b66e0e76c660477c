"""What the administration of switches needs kept. Every method raises `wire.errors.Unavailable` if its store does not
answer.
"""

from collections.abc import Iterable, Sequence
from typing import Protocol

from accounts.model import AuditLine
from pbx.model import KnownSource, Recalled
from pbx.sequence import Position
from wire.identity import DomainId, SourceId


class KnownSources(Protocol):
    """Each change with a line in the audit of every domain that the switch speaks for. Raises `NotFound` for an unknown
    source.
    """

    async def list_all(self) -> Sequence[KnownSource]: ...

    async def add(
        self,
        source: SourceId,
        token_hash: bytes,
        domains: Iterable[DomainId],
        *,
        label: str = "",
        audit: AuditLine | None = None,
    ) -> None:
        """Raises `Conflict` if there is a source of that name, `NotFound` for an unknown domain."""

    async def rotate(
        self, source: SourceId, token_hash: bytes, *, keep_previous: bool = True, audit: AuditLine | None = None
    ) -> None: ...

    async def end_previous_token(self, source: SourceId, *, audit: AuditLine | None = None) -> None: ...

    async def set_enabled(self, source: SourceId, enabled: bool, *, audit: AuditLine | None = None) -> None: ...

    async def set_commands(self, source: SourceId, url: str, token: str, *, audit: AuditLine | None = None) -> None: ...

    async def let_speak_for(
        self, source: SourceId, domain: DomainId, may: bool, *, audit: AuditLine | None = None
    ) -> bool:
        """False: it was so already."""


class Memory(Protocol):
    """storage/redis/sources.py."""

    async def recall(self, source: SourceId) -> Recalled: ...

    async def keep(self, source: SourceId, recalled: Recalled, position: Position) -> bool: ...
