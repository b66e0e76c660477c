"""Imports and exports of contacts on the wire."""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from wire.contacts import ContactFields
from wire.http import PageQuery
from wire.records import LINE, Instant

FormatName = Annotated[str, Meta(pattern=r"^(vcard|google|outlook|table)(?!\n)$")]


class ImportStatus(StrEnum):
    """Where an import is. `reading` and `applying` go on by themselves; `failed` says why in `problem`."""

    READING = "reading"
    READY = "ready"
    APPLYING = "applying"
    APPLIED = "applied"
    UNDOING = "undoing"
    UNDONE = "undone"
    FAILED = "failed"


class RowOutcome(StrEnum):
    """What becomes of a row. The last two are only known afterwards."""

    CREATE = "create"
    UPDATE = "update"
    DUPLICATE = "duplicate"
    """There is a contact, or a row before this one, that says all of it."""
    REFUSED = "refused"
    LEFT = "left"
    """Somebody changed the contact between preview and import, or import and undoing: it is as they left it."""


class RowProblem(Struct, frozen=True, omit_defaults=True):
    """Something to be said of a row. `kind`: see contacts/codecs/model.py, or `invalid`; `detail` is for people."""

    kind: str
    field: str = ""
    detail: str = ""


class FieldChange(Struct, frozen=True):
    """What an update does to a field, as text. `kept`: the file says otherwise, but what there is stays."""

    field: str
    before: str
    after: str
    kept: bool = False


class ImportRow(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One card or row of the file. `contact`: what it says, or for an update what the contact will be.

    `target`: the contact that is updated, or that it is a duplicate of, or that was made; `same_as_row`: the row before
    that says the same.
    """

    row: int
    line: int
    outcome: RowOutcome
    contact: ContactFields | None = None
    target: int = 0
    same_as_row: int = 0
    changes: list[FieldChange] = []
    problems: list[RowProblem] = []


class ImportCounts(Struct, frozen=True):
    """Rows by outcome. Until the status is `ready` they are those that were read so far."""

    create: int = 0
    update: int = 0
    duplicate: int = 0
    refused: int = 0
    left: int = 0


class Import(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """An import with its totals. `progress` from 0 to 1, of whatever is going on. `encoding_is_sure`: not a guess."""

    id: str
    name: str
    shared: bool
    status: ImportStatus
    progress: float = 0
    counts: ImportCounts = ImportCounts()
    format: str = ""
    encoding: str = ""
    encoding_is_sure: bool = True
    delimiter: str = ""
    size: int = 0
    problem: str = ""
    created_at: Instant | None = None
    applied_at: Instant | None = None


class NewImport(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`name` of the file, to be shown. `shared`: into the shared contacts instead of one's own."""

    name: Annotated[str, Meta(max_length=200, pattern=LINE)] = ""
    shared: bool = False


class ImportCorrection(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How to read the file, where it was recognised wrongly. Absent: as it is recognised."""

    format: FormatName | None = None
    encoding: Annotated[str, Meta(min_length=1, max_length=40, pattern=LINE)] | None = None
    delimiter: Annotated[str, Meta(min_length=1, max_length=1)] | None = None


class ImportRowsQuery(PageQuery, frozen=True, forbid_unknown_fields=True, kw_only=True):
    outcome: Annotated[str, Meta(pattern=r"^(create|update|duplicate|refused|left)(?!\n)$")] | None = None


class ImportRowsPage(Struct, frozen=True, kw_only=True):
    items: list[ImportRow]
    next: str | None = None


class ContactsExportQuery(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`group`: one of contacts/groups.py."""

    group: Annotated[str, Meta(max_length=256, pattern=LINE)] = "mine"
    format: Annotated[str, Meta(pattern=r"^(vcard|google|outlook)(?!\n)$")] = "vcard"
