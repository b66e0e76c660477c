"""The rows of files in PostgreSQL; their bytes: storage/objects.py. How they are sent: message_files.py."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg

from chat.errors import ConversationNotFound
from chat.files.errors import FileNotFound, FilesFull, FilesNotByText, TooManyThisHour, TooManyUnsent
from chat.files.model import Finished, NewFile, Usage
from chat.files.quota import UNLIMITED
from storage.postgres.message_files import file_of
from storage.postgres.pool import Connection, Pool, connection, transaction
from wire.errors import NotFound
from wire.identity import Caller, DomainId, FileId, UserId
from wire.records import ConversationKind, File

_IS_MEMBER = """
SELECT FROM conversation_members
WHERE domain_id = $1 AND conversation_id = $2 AND user_id = $3 AND left_at IS NULL
"""

# Counted and added in one statement. Uploads at the very same time may not see each other, but there are few of those.
_BEGIN = f"""
WITH counted AS (
    SELECT (
        SELECT count(*) FROM (
            SELECT FROM files WHERE domain_id = $1 AND uploader = $3 AND created_at > now() - interval '1 hour'
            LIMIT $7
        ) recent
    ) AS hourly, (
        SELECT count(*) FROM files WHERE domain_id = $1 AND uploader = $3 AND seq IS NULL
    ) AS unsent, EXISTS ({_IS_MEMBER}) AS is_member
), added AS (
    INSERT INTO files (domain_id, conversation_id, uploader, file_id, name, size)
    SELECT $1, $2, $3, $4, $5, $8 FROM counted WHERE is_member AND unsent < $6 AND hourly < $7
)
SELECT is_member, unsent, hourly, (
    SELECT kind FROM conversations WHERE domain_id = $1 AND conversation_id = $2
) AS kind FROM counted
"""  # noqa: S608 - put together from constants

# With the file in question, which was counted in this transaction: until it ends, others who add one wait.
_ROOM = """
SELECT coalesce(d.file_quota, $2) AS quota, coalesce(u.bytes, 0) AS used
FROM domains d LEFT JOIN file_usage u ON u.domain_id = d.domain_id
WHERE d.domain_id = $1
"""

_SHOWN = "file_id, name, media_type, size, width, height"

_FINISH = f"""
UPDATE files SET ready = true, media_type = $3, size = $4, width = $5, height = $6
WHERE domain_id = $1 AND file_id = $2 RETURNING {_SHOWN}
"""  # noqa: S608

_DISCARD = """
DELETE FROM files WHERE domain_id = $1 AND uploader = $2 AND file_id = $3 AND seq IS NULL RETURNING file_id
"""

# By the same rule as messages are read: in it now, and after one has joined.
_FIND = f"""
SELECT {_SHOWN} FROM files f
JOIN conversation_members m ON m.domain_id = f.domain_id AND m.conversation_id = f.conversation_id AND m.user_id = $3
WHERE f.domain_id = $1 AND f.file_id = $2 AND f.ready AND m.left_at IS NULL
    AND (f.seq > m.joined_seq OR (f.seq IS NULL AND f.uploader = m.user_id))
"""  # noqa: S608

_FORGET_UNSENT = """
DELETE FROM files f USING (
    SELECT domain_id, file_id FROM files
    WHERE seq IS NULL AND created_at < CASE WHEN ready THEN $2::timestamptz ELSE $1::timestamptz END
    ORDER BY domain_id, file_id LIMIT $3 FOR UPDATE SKIP LOCKED
) old
WHERE f.domain_id = old.domain_id AND f.file_id = old.file_id
RETURNING f.file_id
"""

_GET_QUOTA = "SELECT file_quota FROM domains WHERE domain_id = $1 FOR UPDATE"
_SET_QUOTA = "UPDATE domains SET file_quota = $2 WHERE domain_id = $1"
_AUDIT = "INSERT INTO audit (domain_id, action, target, before, after) VALUES ($1, 'files.quota_set', $2, $3, $4)"
_USAGE = """
SELECT d.domain_id, coalesce(u.bytes, 0) AS used, d.file_quota
FROM domains d LEFT JOIN file_usage u ON u.domain_id = d.domain_id
ORDER BY d.domain_id
"""

_GONE = "SELECT domain_id, file_id FROM gone_files ORDER BY domain_id, file_id LIMIT $1"
_DELETED = """
DELETE FROM gone_files g USING unnest($1::text[], $2::text[]) AS d (domain_id, file_id)
WHERE g.domain_id = d.domain_id AND g.file_id = d.file_id
"""


class PostgresFileStore:
    """See `chat.files.store.FileStore`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def begin(self, new: NewFile, *, unsent: int, hourly: int, quota: int) -> None:
        what = new.domain, new.conversation, new.uploader, new.file, new.name
        async with transaction(self._pool) as conn:
            row = await conn.fetchrow(_BEGIN, *what, unsent, hourly, new.size)
            assert row is not None
            self._refuse(new, row, unsent, hourly)
            # Without a size that was announced there has to be room for something at least.
            await _refuse_beyond(conn, new.domain, new.size, quota, to_come=0 if new.size else 1)

    def _refuse(self, new: NewFile, row: asyncpg.Record, unsent: int, hourly: int) -> None:
        if not row["is_member"]:
            raise ConversationNotFound(new.conversation)
        if row["kind"] == ConversationKind.SMS:
            raise FilesNotByText
        if row["unsent"] >= unsent:
            raise TooManyUnsent
        if row["hourly"] >= hourly:
            raise TooManyThisHour

    async def finish(self, domain: DomainId, file: FileId, finished: Finished, *, quota: int) -> File:
        what = finished.media_type, finished.size, finished.width, finished.height
        async with transaction(self._pool) as conn:
            row = await conn.fetchrow(_FINISH, domain, file, *what)
            if row is None:
                raise FileNotFound
            await _refuse_beyond(conn, domain, finished.size, quota)
        return file_of(row)

    async def set_quota(self, domain: DomainId, quota: int | None) -> int | None:
        async with transaction(self._pool) as conn:
            row = await conn.fetchrow(_GET_QUOTA, domain)
            if row is None:
                raise NotFound(f"There is no domain {domain}")
            before: int | None = row["file_quota"]
            if before != quota:
                await conn.execute(_SET_QUOTA, domain, quota)
                await conn.execute(_AUDIT, domain, f"domain:{domain}", {"bytes": before}, {"bytes": quota})
            return before

    async def usage(self) -> Sequence[Usage]:
        async with connection(self._pool) as conn:
            return [Usage(row["domain_id"], row["used"], row["file_quota"]) for row in await conn.fetch(_USAGE)]

    async def discard(self, domain: DomainId, uploader: UserId, file: FileId) -> bool:
        async with connection(self._pool) as conn:
            return await conn.fetchval(_DISCARD, domain, uploader, file) is not None

    async def find(self, caller: Caller, file: FileId) -> File | None:
        async with connection(self._pool) as conn:
            row = await conn.fetchrow(_FIND, caller.domain, file, caller.user)
        return None if row is None else file_of(row)

    async def forget_unsent(self, arriving_since: datetime, waiting_since: datetime, limit: int) -> int:
        async with connection(self._pool) as conn:
            return len(await conn.fetch(_FORGET_UNSENT, arriving_since, waiting_since, limit))

    async def gone(self, limit: int) -> Sequence[tuple[DomainId, FileId]]:
        async with connection(self._pool) as conn:
            return [(row["domain_id"], row["file_id"]) for row in await conn.fetch(_GONE, limit)]

    async def deleted(self, files: Sequence[tuple[DomainId, FileId]]) -> None:
        async with connection(self._pool) as conn:
            await conn.execute(_DELETED, [domain for domain, _ in files], [file for _, file in files])


async def _refuse_beyond(conn: Connection, domain: DomainId, size: int, quota: int, to_come: int = 0) -> None:
    """Takes back the transaction in which a file of this size was added. Raises `FilesFull`."""
    row = await conn.fetchrow(_ROOM, domain, quota)
    assert row is not None
    if row["quota"] != UNLIMITED and row["used"] + to_come > row["quota"]:
        raise FilesFull(row["used"] - size, row["quota"])
