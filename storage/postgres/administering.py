"""What an operator does to domains and users from the command line: each with its line in the audit, and repeatable."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct

from accounts.model import AuditLine, EndedSession, status_of
from storage.postgres.accounts import add_audit_in_tx, end_sessions_in_tx
from storage.postgres.pool import Connection, Pool, connection, transaction
from storage.postgres.provisioning import NewUser, add_domain_in_tx, add_user_in_tx
from wire.errors import Conflict, NotFound
from wire.identity import DomainId, Extension, Scope, UserId

NOBODY = UserId(0)
"""In the audit: the command line."""

_DOMAINS = """
SELECT d.domain_id, d.name, d.country, d.time_zone, d.ringing_is_busy, (
    SELECT count(*)::int FROM users u WHERE u.domain_id = d.domain_id AND u.deleted_at IS NULL AND NOT u.is_system
) AS users
FROM domains d ORDER BY d.domain_id
"""
_HOLD_DOMAIN = """
SELECT name, country, time_zone, ringing_is_busy FROM domains WHERE domain_id = $1 FOR NO KEY UPDATE
"""
_CHANGE_DOMAIN = """
UPDATE domains SET name = $2, country = $3, time_zone = $4, ringing_is_busy = $5 WHERE domain_id = $1
"""
_USERS = """
SELECT user_id, extension, login_name, first_name, last_name, department, site, scope, disabled,
    password_hash IS NOT NULL AS has_password, pin_hash IS NOT NULL AS has_pin
FROM users WHERE domain_id = $1 AND deleted_at IS NULL AND NOT is_system ORDER BY sort_text(extension), user_id
"""
_HOLD_USER = """
SELECT user_id, scope, login_name, caller_id, emergency_caller_id, sso_account, disabled,
    list_in_directory AND NOT is_system AS listed
FROM users WHERE domain_id = $1 AND extension = $2 AND deleted_at IS NULL FOR UPDATE
"""
_CHANGE_USER = """
UPDATE users SET scope = $3, login_name = $4, caller_id = $5, emergency_caller_id = $6, sso_account = $7, disabled = $8,
    profile_rev = profile_rev + 1
WHERE domain_id = $1 AND user_id = $2
"""
_KEPT_OF_USER = ("scope", "login_name", "caller_id", "emergency_caller_id", "sso_account", "disabled")
_KEPT_OF_DOMAIN = ("name", "country", "time_zone", "ringing_is_busy")
_ENDS_LOGINS = frozenset({"scope", "disabled"})
"""Who is somebody else by now does not go on with what they had open."""


class AddedUser(Struct, frozen=True):
    """`user` None: there was one with this extension, and nothing was done."""

    user: UserId | None
    directory_rev: int = 0


class ChangedUser(Struct, frozen=True):
    """`changed`: the names of what is another now; none: all was as wanted."""

    user: UserId
    listed: bool
    changed: list[str]
    ended: Sequence[EndedSession]


async def add_domain(pool: Pool, domain: DomainId, wanted: Mapping[str, Any]) -> bool:
    """False, and nothing is changed, if it is there."""
    async with transaction(pool) as conn:
        if not await add_domain_in_tx(conn, domain, **wanted):
            return False
        await _note(conn, domain, "domain.added", f"domain:{domain}", None, dict(wanted))
        return True


async def change_domain(pool: Pool, domain: DomainId, wanted: Mapping[str, Any]) -> list[str]:
    """The names of what is another now. Raises `NotFound`."""
    async with transaction(pool) as conn:
        row = await conn.fetchrow(_HOLD_DOMAIN, domain)
        if row is None:
            raise NotFound(f"There is no domain {domain}")
        before, after = dict(row), {**dict(row), **wanted}
        changed = [name for name in _KEPT_OF_DOMAIN if before[name] != after[name]]
        if changed:
            await conn.execute(_CHANGE_DOMAIN, domain, *(after[name] for name in _KEPT_OF_DOMAIN))
            was, now = ({name: each[name] for name in changed} for each in (before, after))
            await _note(conn, domain, "domain.changed", f"domain:{domain}", was, now)
        return changed


async def list_domains(pool: Pool) -> list[dict[str, Any]]:
    async with connection(pool) as conn:
        rows = await conn.fetch(_DOMAINS)
    return [{"domain": row["domain_id"], **{name: row[name] for name in (*_KEPT_OF_DOMAIN, "users")}} for row in rows]


async def list_users(pool: Pool, domain: DomainId) -> list[dict[str, Any]]:
    """By extension."""
    async with connection(pool) as conn:
        rows = await conn.fetch(_USERS, domain)
    return [
        {
            "user": row["user_id"],
            "extension": row["extension"],
            "login": f"{row['login_name']}@{domain}",
            "first_name": row["first_name"],
            "last_name": row["last_name"],
            "department": row["department"],
            "site": row["site"] or "",
            "scope": Scope(row["scope"]).name.lower(),
            "status": status_of(has_password=row["has_password"], has_pin=row["has_pin"]).value,
            "disabled": row["disabled"],
        }
        for row in rows
    ]


async def add_user(pool: Pool, domain: DomainId, new: NewUser) -> AddedUser:
    """Raises `NotFound` for an unknown domain, `Conflict` if the login name is taken."""
    async with transaction(pool) as conn:
        if await conn.fetchrow(_HOLD_USER, domain, Extension(new.extension)) is not None:
            return AddedUser(None)
        user = await add_user_in_tx(conn, domain, new)
        after: dict[str, object] = {"extension": new.extension, "scope": new.scope.name.lower()}
        await _note(conn, domain, "user.added", f"user:{user}", None, after)
        rev = await conn.fetchval("SELECT directory_rev FROM domains WHERE domain_id = $1", domain)
        return AddedUser(user, int(rev))


async def change_user(pool: Pool, domain: DomainId, extension: Extension, wanted: Mapping[str, Any]) -> ChangedUser:
    """What nobody edits in the portal. Ends the user's logins where that has to be.

    Raises `NotFound`, and `Conflict` if the login name is taken.
    """
    try:
        async with transaction(pool) as conn:
            return await _change_user_in_tx(conn, domain, extension, wanted)
    except Conflict:
        raise Conflict("This login name is taken") from None


async def _change_user_in_tx(
    conn: Connection, domain: DomainId, extension: Extension, wanted: Mapping[str, Any]
) -> ChangedUser:
    row = await conn.fetchrow(_HOLD_USER, domain, extension)
    if row is None:
        raise NotFound(f"There is no user {extension} in {domain}")
    user, before, after = row["user_id"], dict(row), {**dict(row), **wanted}
    changed = [name for name in _KEPT_OF_USER if before[name] != after[name]]
    ended: Sequence[EndedSession] = ()
    if changed:
        await conn.execute(_CHANGE_USER, domain, user, *(after[name] for name in _KEPT_OF_USER))
        was, now = ({name: _shown(name, each[name]) for name in changed} for each in (before, after))
        await _note(conn, domain, "user.changed", f"user:{user}", was, now)
        if _ENDS_LOGINS & set(changed):
            ended = await end_sessions_in_tx(conn, domain, user)
    return ChangedUser(user, row["listed"], changed, ended)


def _shown(name: str, value: Any) -> Any:
    return Scope(value).name.lower() if name == "scope" else value


async def _note(
    conn: Connection,
    domain: DomainId,
    action: str,
    target: str,
    before: dict[str, object] | None,
    after: dict[str, object] | None,
) -> None:
    line = AuditLine(
        at=datetime.now(UTC),
        user=NOBODY,
        operator=None,
        action=action,
        target=target,
        before=before,
        after=after,
    )
    await add_audit_in_tx(conn, domain, line)
