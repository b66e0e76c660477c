"""The audit in PostgreSQL, as it is read. It is written by whoever changes something, in the same transaction."""

from collections.abc import Callable

import asyncpg

from accounts.audit.model import AuditRecord, AuditWanted
from accounts.model import AuditLine
from accounts.permissions import Bounds, Person
from storage.postgres.accounts import add_audit_in_tx
from storage.postgres.pool import Pool, connection
from storage.postgres.profiles import conditions_of
from wire.audit import AuditPerson
from wire.identity import DomainId, Scope, UserId

_LINES = """
SELECT a.*, by_user.first_name AS by_first, by_user.last_name AS by_last, by_user.extension AS by_extension,
    hand.first_name AS hand_first, hand.last_name AS hand_last, hand.extension AS hand_extension,
    whom.user_id AS whom_id, whom.first_name AS whom_first, whom.last_name AS whom_last,
    whom.extension AS whom_extension, whom.scope AS whom_scope, whom.site AS whom_site
FROM (
    SELECT audit_id, domain_id, at, user_id, operator_id, action, target, address, before, after, key FROM audit
    WHERE {where} ORDER BY audit_id DESC LIMIT {limit}
) a
LEFT JOIN users by_user ON by_user.domain_id = a.domain_id AND by_user.user_id = a.user_id
LEFT JOIN users hand ON hand.domain_id = a.domain_id AND hand.user_id = a.operator_id
LEFT JOIN users whom ON whom.domain_id = a.domain_id
    AND whom.user_id = CASE WHEN a.target ~ '^user:[0-9]{{1,9}}$' THEN substr(a.target, 6)::int END
ORDER BY a.audit_id DESC
"""


class PostgresAuditStore:
    """See `accounts.audit.store.AuditStore`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def lines(self, domain: DomainId, wanted: AuditWanted) -> list[AuditRecord]:
        statement, arguments = _lines_of(domain, wanted)
        async with connection(self._pool) as conn:
            rows = await conn.fetch(statement, *arguments)
        return [_record(row) for row in rows]

    async def note(self, domain: DomainId, audit: AuditLine) -> None:
        async with connection(self._pool) as conn:
            await add_audit_in_tx(conn, domain, audit)


def _lines_of(domain: DomainId, wanted: AuditWanted) -> tuple[str, list[object]]:
    """Put together from constants; everything that comes from outside is an argument."""
    arguments: list[object] = [domain]

    def given(value: object) -> str:
        arguments.append(value)
        return f"${len(arguments)}"

    where = ["domain_id = $1"]
    if wanted.within != Bounds():
        some = _users_within(wanted.within, given)
        where.append(f"(user_id IN ({some}) OR target IN (SELECT 'user:' || user_id FROM ({some}) within))")
    if wanted.user is not None:
        user = given(wanted.user)
        where.append(f"(user_id = {user} OR operator_id = {user} OR target = {given(f'user:{wanted.user}')})")
    if wanted.action.endswith("."):
        where.append(f"starts_with(action, {given(wanted.action)})")
    elif wanted.action:
        where.append(f"action = {given(wanted.action)}")
    for column, value in (("at >=", wanted.since), ("at <", wanted.until), ("audit_id <", wanted.before)):
        if value is not None:
            where.append(f"{column} {given(value)}")
    return _LINES.format(where=" AND ".join(where), limit=given(wanted.limit + 1)), arguments


def _users_within(within: Bounds, given: Callable[[object], str]) -> str:
    conditions = [f"{column} {given(value)}" for column, value in conditions_of(within)]
    return f"SELECT u.user_id FROM users u WHERE {' AND '.join(['u.domain_id = $1', *conditions])}"


def _record(row: asyncpg.Record) -> AuditRecord:
    return AuditRecord(
        id=row["audit_id"],
        at=row["at"],
        action=row["action"],
        by=_person(row["user_id"], row, "by"),
        operator=_person(row["operator_id"], row, "hand"),
        target=row["target"],
        concerned=_person(row["whom_id"], row, "whom"),
        person=_rules(row),
        address=row["address"],
        key=row["key"],
        before=row["before"],
        after=row["after"],
    )


def _rules(row: asyncpg.Record) -> Person | None:
    if row["whom_id"] is None:
        return None
    scope, site = Scope(row["whom_scope"]), row["whom_site"]
    return Person(domain=row["domain_id"], user=row["whom_id"], scope=scope, site=site)


def _person(user: UserId | None, row: asyncpg.Record, prefix: str) -> AuditPerson | None:
    if user is None:
        return None
    name = f"{row[f'{prefix}_first'] or ''} {row[f'{prefix}_last'] or ''}".strip()
    return AuditPerson(user, name, row[f"{prefix}_extension"] or "")
