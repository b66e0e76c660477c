"""Telephone switches in PostgreSQL, and whose extension is whose."""

import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from accounts.factors.sealing import Seal
from accounts.model import AuditLine
from pbx.model import KnownSource, Source
from storage.postgres.accounts import add_audit_in_tx
from storage.postgres.pool import Connection, Pool, connection, transaction
from storage.postgres.sealed_text import SealedText
from storage.postgres.switch_commands import about_commands, forget_in_tx
from wire.errors import Conflict, NotFound
from wire.identity import DomainId, Extension, SourceId, UserId

USER_SECONDS = 60.0
"""So long an extension is believed to be the same user's. Unknown ones are asked for each time: they may be new."""
USERS_AT_MOST = 100_000

_FIND = """
SELECT token_hash, previous_token_hash, enabled,
    array(SELECT domain_id FROM pbx_source_domains d WHERE d.source_id = s.source_id) AS domains
FROM pbx_sources s WHERE source_id = $1
"""

_USERS = """
SELECT extension, user_id FROM users WHERE domain_id = $1 AND extension = ANY($2::text[]) AND deleted_at IS NULL
"""

_EXTENSIONS = """
SELECT extension FROM users WHERE domain_id = $1 AND deleted_at IS NULL AND NOT is_system ORDER BY extension
"""

_LIST = """
SELECT source_id AS source, name AS label, enabled, previous_token_hash IS NOT NULL AS has_two_tokens, command_url,
    array(SELECT domain_id FROM pbx_source_domains d WHERE d.source_id = s.source_id ORDER BY domain_id) AS domains
FROM pbx_sources s ORDER BY source_id
"""

_ADD = """
INSERT INTO pbx_sources (source_id, name, token_hash) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING source_id
"""

_LET_SPEAK_FOR = """
INSERT INTO pbx_source_domains (domain_id, source_id)
SELECT domain_id, $2 FROM domains WHERE domain_id = ANY($1::text[]) AND closed_at IS NULL RETURNING domain_id
"""

_IS_THERE = "SELECT source_id FROM pbx_sources WHERE source_id = $1"
_IS_OPEN = "SELECT domain_id FROM domains WHERE domain_id = $1 AND closed_at IS NULL FOR KEY SHARE"
_LET_SPEAK_FOR_ONE = """
INSERT INTO pbx_source_domains (domain_id, source_id) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING domain_id
"""
_FORBID_TO_SPEAK_FOR = "DELETE FROM pbx_source_domains WHERE domain_id = $1 AND source_id = $2 RETURNING domain_id"
_SPEAKS_FOR = "SELECT domain_id FROM pbx_source_domains WHERE source_id = $1 ORDER BY domain_id"

_ROTATE = """
UPDATE pbx_sources SET previous_token_hash = CASE WHEN $3 THEN token_hash END, token_hash = $2 WHERE source_id = $1
RETURNING source_id
"""

_END_PREVIOUS = "UPDATE pbx_sources SET previous_token_hash = NULL WHERE source_id = $1 RETURNING source_id"

_SET_COMMANDS = "UPDATE pbx_sources SET command_url = $2, command_token = $3 WHERE source_id = $1 RETURNING source_id"

_SET_ENABLED = "UPDATE pbx_sources SET enabled = $2 WHERE source_id = $1 RETURNING source_id"


class PostgresSourceStore:
    """See `pbx.store.SourceStore`. `clock` in seconds."""

    def __init__(self, pool: Pool, clock: Callable[[], float] = time.monotonic, *, seal: Seal | None = None) -> None:
        self._pool = pool
        self._sealed = SealedText(seal)
        self._clock = clock
        self._users: dict[tuple[DomainId, Extension], tuple[UserId, float]] = {}

    async def find(self, source: SourceId) -> Source | None:
        async with connection(self._pool) as conn:
            row = await conn.fetchrow(_FIND, source)
        if row is None:
            return None
        hashes = (row["token_hash"], row["previous_token_hash"])
        return Source(source, frozenset(row["domains"]), tuple(filter(None, hashes)), row["enabled"])

    async def users(self, domain: DomainId, extensions: Collection[Extension]) -> Mapping[Extension, UserId]:
        now = self._clock()
        found: dict[Extension, UserId] = {}
        for extension in extensions:
            user, until = self._users.get((domain, extension), (UserId(0), 0.0))
            if until > now:
                found[extension] = user
        # PostgreSQL cannot even be asked for a NUL, and nobody's extension has one.
        missing = [extension for extension in extensions if extension not in found and "\0" not in extension]
        if missing:
            found |= await self._read_users(domain, missing, now)
        return found

    async def _read_users(
        self, domain: DomainId, extensions: Sequence[Extension], now: float
    ) -> Mapping[Extension, UserId]:
        async with connection(self._pool) as conn:
            rows = await conn.fetch(_USERS, domain, extensions)
        found = {Extension(row["extension"]): UserId(row["user_id"]) for row in rows}
        if len(self._users) + len(found) > USERS_AT_MOST:
            self._users.clear()
        for extension, user in found.items():
            self._users[domain, extension] = (user, now + USER_SECONDS)
        return found

    # ------------------------------------------------------------ for the command line

    async def extensions(self, domain: DomainId) -> Sequence[Extension]:
        """Those of people, in order."""
        async with connection(self._pool) as conn:
            return [row["extension"] for row in await conn.fetch(_EXTENSIONS, domain)]

    async def list_all(self) -> Sequence[KnownSource]:
        async with connection(self._pool) as conn:
            return [KnownSource(**row) for row in await conn.fetch(_LIST)]

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
        wanted = set(domains)
        async with transaction(self._pool) as conn:
            if await conn.fetchval(_ADD, source, label, token_hash) is None:
                raise Conflict(f"There is a source {source} already")
            known = {row["domain_id"] for row in await conn.fetch(_LET_SPEAK_FOR, sorted(wanted), source)}
            if unknown := wanted - known:
                raise NotFound(f"There is no domain {', '.join(sorted(unknown))}", field="domains")
            await _note(conn, source, audit)

    async def rotate(
        self, source: SourceId, token_hash: bytes, *, keep_previous: bool = True, audit: AuditLine | None = None
    ) -> None:
        """A new token; the one before is still taken unless told otherwise, the one before that is not."""
        await self._change(source, audit, _ROTATE, token_hash, keep_previous)

    async def end_previous_token(self, source: SourceId, *, audit: AuditLine | None = None) -> None:
        await self._change(source, audit, _END_PREVIOUS)

    async def set_enabled(self, source: SourceId, enabled: bool, *, audit: AuditLine | None = None) -> None:
        await self._change(source, audit, _SET_ENABLED, enabled)

    async def set_commands(self, source: SourceId, url: str, token: str, *, audit: AuditLine | None = None) -> None:
        """Where and with which token the switch takes commands. An empty `url`: nowhere; what waits is forgotten."""
        sealed = self._sealed.close(token, about_commands(source))
        async with transaction(self._pool) as conn:
            if await conn.fetchval(_SET_COMMANDS, source, url, sealed) is None:
                raise NotFound(f"There is no source {source}")
            if not url:
                await forget_in_tx(conn, source)
            await _note(conn, source, audit)

    async def let_speak_for(
        self, source: SourceId, domain: DomainId, may: bool, *, audit: AuditLine | None = None
    ) -> bool:
        """See `pbx.sources.store.KnownSources`."""
        async with transaction(self._pool) as conn:
            if await conn.fetchval(_IS_THERE, source) is None:
                raise NotFound(f"There is no source {source}")
            if await conn.fetchval(_IS_OPEN, domain) is None:
                raise NotFound(f"There is no domain {domain}", field="domain")
            statement = _LET_SPEAK_FOR_ONE if may else _FORBID_TO_SPEAK_FOR
            changed = await conn.fetchval(statement, domain, source) is not None
            if changed and audit is not None:
                await add_audit_in_tx(conn, domain, audit)
            return changed

    async def _change(self, source: SourceId, audit: AuditLine | None, statement: str, *values: object) -> None:
        """Raises `NotFound` for an unknown source."""
        async with transaction(self._pool) as conn:
            if await conn.fetchval(statement, source, *values) is None:
                raise NotFound(f"There is no source {source}")
            await _note(conn, source, audit)


async def _note(conn: Connection, source: SourceId, audit: AuditLine | None) -> None:
    """In the audit of each domain that it speaks for."""
    if audit is not None:
        for row in await conn.fetch(_SPEAKS_FOR, source):
            await add_audit_in_tx(conn, row["domain_id"], audit)
