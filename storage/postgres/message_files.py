"""Keeps a message together with its files: both or neither.

In a transaction of its own, beside the batches of message_batch.py: messages with files are few, and a batch should not
pay for them. It locks one conversation and then files, which nothing else locks, so it waits for no batch in a circle.
"""

import asyncpg
from msgspec import structs, to_builtins

from chat.errors import ConversationNotFound, FileNotThere
from chat.files.errors import FilesNotByText
from chat.model import KeptMessage, NewMessage
from storage.postgres.message_batch import ATTEMPTS, find_kept, is_race, keep_one
from storage.postgres.pool import Connection, Pool, connection
from wire.errors import Refused, Unavailable
from wire.records import ConversationKind, File

_ATTACH = """
UPDATE files SET seq = $5
WHERE domain_id = $1 AND conversation_id = $2 AND file_id = ANY ($4::text[]) AND uploader = $3 AND seq IS NULL AND ready
RETURNING file_id, name, media_type, size, width, height
"""
_KIND = "SELECT kind FROM conversations WHERE domain_id = $1 AND conversation_id = $2"
_SAY_SO = "UPDATE messages SET files = $4 WHERE domain_id = $1 AND conversation_id = $2 AND seq = $3"


async def keep_with_files(pool: Pool, message: NewMessage) -> KeptMessage:
    """See `chat.store.ChatStore.append`."""
    async with connection(pool) as conn:
        for _ in range(ATTEMPTS):
            earlier = await find_kept(conn, message)
            if isinstance(earlier, Refused):
                raise earlier
            if earlier is not None:
                return earlier
            try:
                async with conn.transaction():
                    return await _keep(conn, message)
            except (asyncpg.UniqueViolationError, asyncpg.DeadlockDetectedError) as error:
                if not is_race(error):
                    raise
    raise Unavailable("Others write at the same time without end; try again in a moment", retry_after=1.0)


async def _keep(conn: Connection, message: NewMessage) -> KeptMessage:
    kept = await keep_one(conn, message)
    if kept is None:
        raise ConversationNotFound(message.conversation)
    if await conn.fetchval(_KIND, message.domain, message.conversation) == ConversationKind.SMS:
        raise FilesNotByText
    files = await _attach(conn, message, kept.message.seq)
    await conn.execute(_SAY_SO, message.domain, message.conversation, kept.message.seq, to_builtins(files))
    return structs.replace(kept, message=structs.replace(kept.message, files=files))


async def _attach(conn: Connection, message: NewMessage, seq: int) -> list[File]:
    """In the order of the message. Raises `FileNotThere` unless all of them are there."""
    rows = await conn.fetch(_ATTACH, message.domain, message.conversation, message.sender, list(message.files), seq)
    found = {row["file_id"]: file_of(row) for row in rows}
    if len(found) < len(message.files):
        raise FileNotThere
    return [found[file] for file in message.files]


def file_of(row: asyncpg.Record) -> File:
    return File(
        file=row["file_id"],
        name=row["name"],
        media_type=row["media_type"],
        size=row["size"],
        width=row["width"],
        height=row["height"],
    )
