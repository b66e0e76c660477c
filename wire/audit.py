"""The audit over HTTP: who did what, as whom, to whom, when, and from where."""

from typing import Annotated, Any

from msgspec import Meta, Struct

from wire.http import PageQuery
from wire.identity import GivenUser, UserId
from wire.records import LINE, Instant

Action = Annotated[str, Meta(max_length=64, pattern=r"^[a-z_]*\.?[a-z_]*(?!\n)$")]


class AuditFilters(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`user`: who did it, in whose name, or to whom. `action`: one, or with a dot at its end all that begin with it."""

    user: GivenUser | None = None
    action: Action = ""
    since: Instant | None = None
    until: Instant | None = None


class AuditQuery(PageQuery, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The newest first; filters as of the export."""

    user: GivenUser | None = None
    action: Action = ""
    since: Instant | None = None
    until: Instant | None = None


class AuditExportQuery(AuditFilters, frozen=True, forbid_unknown_fields=True, kw_only=True):
    format: Annotated[str, Meta(pattern=r"^(csv|json)(?!\n)$")] = "csv"


class AuditPerson(Struct, frozen=True, omit_defaults=True):
    """As they are called now; a deleted user has only a number."""

    user: UserId
    name: str = ""
    extension: str = ""


class AuditEntry(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """`by`: in whose name, absent for the system itself and for whoever runs it. `key`: by which program's key, or by
    which administration key, it was done; absent: by hand. `operator`: who was at the keyboard, if that was a mask.

    `target`: `kind:id`, such as `user:12` or `site:North`; `person`: who that is. `before` and `after` hold what
    changed, and never a secret; e-mail addresses are left out where they are not the reader's to see.
    """

    id: int
    at: Instant
    action: str
    by: AuditPerson | None = None
    operator: AuditPerson | None = None
    target: str = ""
    person: AuditPerson | None = None
    address: Annotated[str, Meta(pattern=LINE)] = ""
    key: Annotated[str, Meta(pattern=LINE)] = ""
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None


class AuditPage(Struct, frozen=True, kw_only=True):
    items: list[AuditEntry]
    next: str | None = None
