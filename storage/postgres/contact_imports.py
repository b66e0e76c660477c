"""Imports of contacts in PostgreSQL: files in parts, planned rows, and the transactions that apply and undo them."""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from datetime import datetime
from typing import Any

import asyncpg
from msgspec import Struct, convert, to_builtins

from contacts.errors import ContactsBusy
from contacts.imports.model import Applied, KeptImport, Progress
from contacts.imports.planning import Planned
from contacts.model import BookId, Changed, Doing
from storage.postgres.contact_applying import Applying
from storage.postgres.contact_audit import note_in_tx
from storage.postgres.contact_book import Book, Overtaken, book_ahead_in_tx
from storage.postgres.contact_changes import take_ids
from storage.postgres.contact_rows import CONTACT, contact_of
from storage.postgres.pool import Connection, Pool, connection, transaction
from wire.contacts import Contact, ContactFields
from wire.identity import DomainId, UserId
from wire.imports import FieldChange, Import, ImportCounts, ImportRow, ImportStatus, RowOutcome, RowProblem

_ATTEMPTS = 5
"""Each is overtaken only by another import, or by a thousand changes within its few seconds."""

_BEGIN = """
INSERT INTO contact_imports (
    domain_id, import_id, book_id, user_id, operator_id, name, status, created_at, changed_at
) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)
"""
_ADD_PART = "INSERT INTO contact_import_parts (domain_id, import_id, part, bytes) VALUES ($1, $2, $3, $4)"
_PART = "SELECT bytes FROM contact_import_parts WHERE domain_id = $1 AND import_id = $2 AND part = $3"
_FORGET_PARTS = "DELETE FROM contact_import_parts WHERE domain_id = $1 AND import_id = $2"
_FIND = "SELECT * FROM contact_imports WHERE domain_id = $1 AND import_id = $2"
_LOCK = f"{_FIND} FOR UPDATE"
_OPEN = """
SELECT count(*) FROM contact_imports
WHERE domain_id = $1 AND user_id = $2 AND status IN ('reading', 'ready', 'applying')
"""
_START_READING = """
UPDATE contact_imports
SET reading = reading + 1, status = 'reading', progress = 0, counts = '{}', format = $3, encoding = $4, delimiter = $5,
    size = $6, problem = '', changed_at = $7, read_at = $7
WHERE domain_id = $1 AND import_id = $2 RETURNING reading
"""
_FORGET_ROWS = "DELETE FROM contact_import_rows WHERE domain_id = $1 AND import_id = $2"
_NOTE = """
UPDATE contact_imports
SET status = $4, progress = $5, counts = $6, format = $7, encoding = $8, encoding_is_sure = $9, delimiter = $10,
    problem = $11, changed_at = $12, size = $13
WHERE domain_id = $1 AND import_id = $2 AND reading = $3
RETURNING true
"""
_IS_READING = "SELECT true FROM contact_imports WHERE domain_id = $1 AND import_id = $2 AND reading = $3 FOR UPDATE"
_CANDIDATES = f"""
SELECT {CONTACT} FROM contacts WHERE domain_id = $1 AND book_id = $2 AND deleted_at IS NULL AND match_name = ANY($3)
UNION
SELECT {CONTACT} FROM contacts WHERE domain_id = $1 AND book_id = $2 AND deleted_at IS NULL AND contact_id = ANY($4)
"""
_ROWS = """
SELECT * FROM contact_import_rows
WHERE domain_id = $1 AND import_id = $2 AND ($3::text IS NULL OR outcome = $3) AND row > $4 ORDER BY row LIMIT $5
"""
_COUNT = """
SELECT outcome, count(*)::int AS rows FROM contact_import_rows WHERE domain_id = $1 AND import_id = $2 GROUP BY outcome
"""
_FINISH = """
UPDATE contact_imports SET status = $3, counts = $4, progress = 1, problem = '', changed_at = $5,
    applied_at = coalesce(applied_at, $5)
WHERE domain_id = $1 AND import_id = $2 RETURNING *
"""
_REMOVE = "DELETE FROM contact_imports WHERE domain_id = $1 AND import_id = $2 RETURNING true"
_FORGET = """
DELETE FROM contact_imports
WHERE (applied_at IS NULL AND changed_at < $1) OR (applied_at IS NOT NULL AND applied_at < $2)
"""

_ROW_COLUMNS = (
    "domain_id", "import_id", "row", "line", "outcome", "target_id", "target_rev", "same_as_row", "contact", "changes",
    "problems",
)  # fmt: skip


class _Way(Struct, frozen=True):
    """What an import is to be turned into: from which of its states, and how the audit calls it."""

    possible: tuple[ImportStatus, ...]
    result: ImportStatus
    action: str


_APPLYING = _Way((ImportStatus.READY, ImportStatus.APPLYING), ImportStatus.APPLIED, "contacts.imported")
_UNDOING = _Way((ImportStatus.APPLIED, ImportStatus.UNDOING), ImportStatus.UNDONE, "contacts.import_undone")


class PostgresImportStore:
    """See `contacts.imports.store.ImportStore`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    # ------------------------------------------------------------ the file

    async def begin(self, domain: DomainId, doing: Doing, shown: Import) -> None:
        async with connection(self._pool) as conn:
            await conn.execute(
                _BEGIN,
                domain,
                shown.id,
                doing.book,
                doing.user or None,
                doing.operator,
                shown.name,
                shown.status.value,
                doing.at,
            )

    async def add_part(self, domain: DomainId, import_id: str, part: int, payload: bytes) -> None:
        async with connection(self._pool) as conn:
            await conn.execute(_ADD_PART, domain, import_id, part, payload)

    async def parts(self, domain: DomainId, import_id: str) -> AsyncIterator[bytes]:
        part = 0
        while True:
            async with connection(self._pool) as conn:
                payload: bytes | None = await conn.fetchval(_PART, domain, import_id, part)
            if payload is None:
                return
            yield payload
            part += 1

    # ------------------------------------------------------------ reading

    async def find(self, domain: DomainId, import_id: str) -> KeptImport | None:
        async with connection(self._pool) as conn:
            row = await conn.fetchrow(_FIND, domain, import_id)
        return _import_of(row) if row else None

    async def open_imports(self, domain: DomainId, user: UserId) -> int:
        async with connection(self._pool) as conn:
            return int(await conn.fetchval(_OPEN, domain, user))

    async def start_reading(self, domain: DomainId, import_id: str, shown: Import, at: datetime) -> int:
        async with transaction(self._pool) as conn:
            reading = await conn.fetchval(
                _START_READING, domain, import_id, shown.format, shown.encoding, shown.delimiter, shown.size, at
            )
            await conn.execute(_FORGET_ROWS, domain, import_id)
        return int(reading or 0)

    async def note(self, domain: DomainId, import_id: str, shown: Import, reading: int, at: datetime) -> bool:
        async with connection(self._pool) as conn:
            return bool(
                await conn.fetchval(
                    _NOTE,
                    domain,
                    import_id,
                    reading,
                    shown.status.value,
                    shown.progress,
                    to_builtins(shown.counts),
                    shown.format,
                    shown.encoding,
                    shown.encoding_is_sure,
                    shown.delimiter,
                    shown.problem,
                    at,
                    shown.size,
                )
            )

    async def candidates(
        self, domain: DomainId, book: BookId, names: Collection[str], contacts: Collection[int]
    ) -> Sequence[Contact]:
        async with connection(self._pool) as conn:
            rows = await conn.fetch(_CANDIDATES, domain, book, list(names), list(contacts))
        return sorted(map(contact_of, rows), key=lambda each: each.contact)

    async def add_rows(self, domain: DomainId, import_id: str, reading: int, rows: Sequence[Planned]) -> bool:
        async with transaction(self._pool) as conn:
            if not await conn.fetchval(_IS_READING, domain, import_id, reading):
                return False
            records = [_record(domain, import_id, each) for each in rows]
            await conn.copy_records_to_table("contact_import_rows", records=records, columns=_ROW_COLUMNS)
        return True

    async def rows(
        self, domain: DomainId, import_id: str, outcome: RowOutcome | None, after: int, limit: int
    ) -> Sequence[ImportRow]:
        async with connection(self._pool) as conn:
            found = await conn.fetch(_ROWS, domain, import_id, outcome.value if outcome else None, after, limit)
        return [_row_of(each) for each in found]

    # ------------------------------------------------------------ applying and undoing

    async def apply(self, domain: DomainId, import_id: str, doing: Doing, most: int, told: Progress) -> Applied | None:
        async with connection(self._pool) as conn:
            counts = {row["outcome"]: row["rows"] for row in await conn.fetch(_COUNT, domain, import_id)}
            last = await take_ids(conn, domain, counts.get(RowOutcome.CREATE, 0))
        first = last - counts.get(RowOutcome.CREATE, 0) + 1

        async def work(applying: Applying) -> Book:
            return await applying.apply(first, most)

        return await self._carry_out(domain, import_id, doing, _APPLYING, work, told)

    async def undo(self, domain: DomainId, import_id: str, doing: Doing, told: Progress) -> Applied | None:
        return await self._carry_out(domain, import_id, doing, _UNDOING, Applying.undo, told)

    async def _carry_out(
        self,
        domain: DomainId,
        import_id: str,
        doing: Doing,
        way: _Way,
        work: Callable[[Applying], Awaitable[Book]],
        told: Progress,
    ) -> Applied | None:
        for _ in range(_ATTEMPTS):
            try:
                async with transaction(self._pool) as conn:
                    kept = await conn.fetchrow(_LOCK, domain, import_id)
                    if kept is None or kept["status"] not in way.possible:
                        return None
                    await conn.execute(_FORGET_PARTS, domain, import_id)
                    ahead = await book_ahead_in_tx(conn, domain, doing.book)
                    applying = Applying(conn, domain, import_id, doing, ahead, told)
                    book = await work(applying)
                    await note_in_tx(conn, domain, doing, way.action, applying.done)
                    await book.close_in_tx(conn)
                    shown = await _finished_in_tx(conn, domain, import_id, way.result, doing.at)
            except Overtaken:
                continue
            return Applied(shown, Changed(since=book.since, rev=book.rev))
        raise ContactsBusy

    async def remove(self, domain: DomainId, import_id: str) -> bool:
        async with connection(self._pool) as conn:
            return bool(await conn.fetchval(_REMOVE, domain, import_id))

    async def forget(self, unapplied_before: datetime, applied_before: datetime) -> int:
        async with connection(self._pool) as conn:
            done: str = await conn.execute(_FORGET, unapplied_before, applied_before)
        return int(done.rsplit(maxsplit=1)[-1])


async def _finished_in_tx(
    conn: Connection, domain: DomainId, import_id: str, status: ImportStatus, at: datetime
) -> Import:
    counts = {row["outcome"]: row["rows"] for row in await conn.fetch(_COUNT, domain, import_id)}
    row = await conn.fetchrow(_FINISH, domain, import_id, status.value, counts, at)
    assert row is not None
    return _import_of(row).shown


def _record(domain: DomainId, import_id: str, planned: Planned) -> tuple[Any, ...]:
    row = planned.row
    return (
        domain,
        import_id,
        row.row,
        row.line,
        row.outcome.value,
        row.target,
        planned.rev,
        row.same_as_row,
        to_builtins(row.contact),
        to_builtins(row.changes),
        to_builtins(row.problems),
    )


def _row_of(row: asyncpg.Record) -> ImportRow:
    return ImportRow(
        row=row["row"],
        line=row["line"],
        outcome=RowOutcome(row["outcome"]),
        contact=convert(row["contact"], ContactFields | None),
        target=row["target_id"],
        same_as_row=row["same_as_row"],
        changes=convert(row["changes"], list[FieldChange]),
        problems=convert(row["problems"], list[RowProblem]),
    )


def _import_of(row: asyncpg.Record) -> KeptImport:
    shown = Import(
        id=row["import_id"],
        name=row["name"],
        shared=row["book_id"] == 0,
        status=ImportStatus(row["status"]),
        progress=round(row["progress"], 4),
        counts=convert(row["counts"], ImportCounts),
        format=row["format"],
        encoding=row["encoding"],
        encoding_is_sure=row["encoding_is_sure"],
        delimiter=row["delimiter"],
        size=row["size"],
        problem=row["problem"],
        created_at=row["created_at"],
        applied_at=row["applied_at"],
    )
    return KeptImport(
        shown=shown,
        book=BookId(row["book_id"]),
        user=UserId(row["user_id"] or 0),
        operator=row["operator_id"],
        reading=row["reading"],
        changed_at=row["changed_at"],
    )
