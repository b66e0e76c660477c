"""Profiles, lists of users and sites in PostgreSQL."""

from collections.abc import Sequence

import asyncpg

from accounts.model import Account, AuditLine, status_of
from accounts.permissions import Bounds, Person
from accounts.profiles.model import ListedUser, Site, SiteDefaults, UserPlace, UserSort, UsersWanted
from contacts.searching import words_of
from pbx.model import CommandKind
from storage.postgres.accounts import account_in_tx, add_audit_in_tx
from storage.postgres.people import word_query
from storage.postgres.pool import Connection, Pool, connection, transaction
from storage.postgres.switch_commands import wish_in_tx
from wire.identity import DomainId, Scope, UserId

# The scope stands in the statement, as in the index of those who manage.
_MANAGERS = f"""
SELECT user_id, scope, site, list_in_directory AND NOT is_system AS listed FROM users
WHERE domain_id = $1 AND scope >= {int(Scope.CALL_CENTER_SUPERVISOR)} AND deleted_at IS NULL
ORDER BY user_id
"""

_SITES = """
SELECT s.site, s.time_zone, s.area_code, s.record_calls, s.list_in_directory, s.announce_in_directory,
    (SELECT count(*)::int FROM users u WHERE u.domain_id = s.domain_id AND u.site = s.site AND u.deleted_at IS NULL)
        AS users
FROM sites s WHERE s.domain_id = $1
ORDER BY sort_text(s.site), s.site
"""

# The site's row is locked before a user's, here and where a site is changed.
_HOLD_SITE = """
SELECT time_zone, area_code, record_calls, list_in_directory, announce_in_directory FROM sites
WHERE domain_id = $1 AND site = $2 FOR SHARE
"""

# The domain's row is locked after the user's, here and everywhere, so that edits never wait for each other in a circle.
_TAKE_DIRECTORY_REVISIONS = """
UPDATE domains SET directory_rev = directory_rev + $2 WHERE domain_id = $1 RETURNING directory_rev
"""

_CHANGE = """
UPDATE users
SET first_name = $4, last_name = $5, time_zone = $6, list_in_directory = $7, announce_in_directory = $8,
    department = $9, job_title = $10, site = $11, overwrite_with_site_defaults = $12, record_calls = $13,
    area_code = $14, pin_hash = coalesce($15, pin_hash), language = coalesce(nullif($16, ''), language),
    profile_rev = profile_rev + 1
WHERE domain_id = $1 AND user_id = $2 AND profile_rev = $3 AND deleted_at IS NULL
"""

_MARK_DIRECTORY_REVISION = "UPDATE users SET directory_rev = $3 WHERE domain_id = $1 AND user_id = $2"

_FORGET_EMAILS = "DELETE FROM user_emails WHERE domain_id = $1 AND user_id = $2"

_ADD_EMAILS = """
INSERT INTO user_emails (domain_id, user_id, position, email, verified)
SELECT $1, $2, given.position, given.email, given.verified
FROM unnest($3::text[], $4::boolean[]) WITH ORDINALITY AS given (email, verified, position)
"""

_LISTED = """
u.user_id, u.profile_rev, u.extension, u.login_name, u.first_name, u.last_name, u.department, u.site, u.scope,
    u.disabled, u.password_hash IS NOT NULL AS has_password, u.pin_hash IS NOT NULL AS has_pin
"""
_KEYS = {
    UserSort.NAME: "u.sort_name",
    UserSort.EXTENSION: "u.sort_extension",
    UserSort.DEPARTMENT: "u.sort_department",
}


class PostgresProfileStore:
    """See `accounts.profiles.store.ProfileStore`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def account(self, domain: DomainId, user: UserId) -> Account | None:
        async with connection(self._pool) as conn:
            return await account_in_tx(conn, domain, user)

    async def managers(self, domain: DomainId) -> list[Person]:
        async with connection(self._pool) as conn:
            rows = await conn.fetch(_MANAGERS, domain)
        return [
            Person(
                domain=domain,
                user=row["user_id"],
                scope=Scope(row["scope"]),
                site=row["site"],
                listed=row["listed"],
            )
            for row in rows
        ]

    async def sites(self, domain: DomainId) -> Sequence[Site]:
        async with connection(self._pool) as conn:
            return await sites_in_tx(conn, domain)

    async def users(self, domain: DomainId, wanted: UsersWanted) -> list[ListedUser]:
        statement, arguments = _list_of(domain, wanted)
        async with connection(self._pool) as conn:
            rows = await conn.fetch(statement, *arguments)
        return [_listed(row) for row in rows]

    async def change(
        self,
        account: Account,
        directory_steps: int,
        audit: AuditLine,
        *,
        pin_hash: str | None = None,
        site: Site | None = None,
    ) -> Account | None:
        async with transaction(self._pool) as conn:
            if site is not None and not await _is_still(conn, account.domain, site):
                return None
            if not await _change_in_tx(conn, account, pin_hash):
                return None
            if directory_steps:
                revision = await conn.fetchval(_TAKE_DIRECTORY_REVISIONS, account.domain, directory_steps)
                await conn.execute(_MARK_DIRECTORY_REVISION, account.domain, account.user, revision)
            await add_audit_in_tx(conn, account.domain, audit)
            if {"first_name", "last_name"} & (audit.after or {}).keys():
                await wish_in_tx(conn, account.domain, account.user, CommandKind.PROFILE, account.rev + 1)
            return await account_in_tx(conn, account.domain, account.user)


async def sites_in_tx(conn: Connection, domain: DomainId) -> list[Site]:
    return [
        Site(
            name=row["site"],
            time_zone=row["time_zone"],
            area_code=row["area_code"],
            record_calls=row["record_calls"],
            list_in_directory=row["list_in_directory"],
            announce_in_directory=row["announce_in_directory"],
            users=row["users"],
        )
        for row in await conn.fetch(_SITES, domain)
    ]


async def _is_still(conn: Connection, domain: DomainId, site: Site) -> bool:
    row = await conn.fetchrow(_HOLD_SITE, domain, site.name)
    return row is not None and SiteDefaults(**dict(row)) == site.defaults


async def _change_in_tx(conn: Connection, account: Account, pin_hash: str | None) -> bool:
    changed = await conn.execute(
        _CHANGE,
        account.domain,
        account.user,
        account.rev,
        account.first_name,
        account.last_name,
        account.time_zone,
        account.list_in_directory,
        account.announce_in_directory,
        account.department,
        account.job_title,
        account.site,
        account.overwrite_with_site_defaults,
        account.record_calls,
        account.area_code,
        pin_hash,
        account.language,
    )
    if changed != "UPDATE 1":
        return False
    await conn.execute(_FORGET_EMAILS, account.domain, account.user)
    addresses = [each.email for each in account.emails]
    await conn.execute(_ADD_EMAILS, account.domain, account.user, addresses, [each.verified for each in account.emails])
    return True


def _list_of(domain: DomainId, wanted: UsersWanted) -> tuple[str, list[object]]:
    """Put together from constants; everything that comes from outside is an argument."""
    arguments: list[object] = [domain]

    def given(value: object) -> str:
        arguments.append(value)
        return f"${len(arguments)}"

    key = f'{_KEYS[wanted.sort]} COLLATE "C"'
    where = ["u.domain_id = $1 AND u.deleted_at IS NULL AND NOT u.is_system"]
    where += [f"{column} {given(value)}" for column, value in conditions_of(wanted.within)]
    for column, value in (("u.site", wanted.site), ("u.department", wanted.department), ("u.scope", wanted.scope)):
        if value is not None:
            where.append(f"{column} = {given(value)}")
    if wanted.status is not None:
        where.append(
            "CASE WHEN u.password_hash IS NULL AND u.pin_hash IS NULL THEN 'new'"
            " WHEN u.password_hash IS NULL THEN 'password_required'"
            f" WHEN u.pin_hash IS NULL THEN 'setup_required' ELSE 'standard' END = {given(wanted.status.value)}"
        )
    words = words_of(wanted.search)
    if words:
        where.append(f"u.words @@ {given(word_query(f'{domain}/u/', words))}::text::tsquery")
    if wanted.after is not None:
        comparison = "<" if wanted.descending else ">"
        place = f"({given(wanted.after.key)}::text, {given(wanted.after.user)}::int)"
        where.append(f"({key}, u.user_id) {comparison} {place}")
    order = "DESC" if wanted.descending else "ASC"
    statement = (
        f"SELECT {_LISTED}, {key} AS key FROM users u WHERE {' AND '.join(where)} "
        f"ORDER BY {key} {order}, u.user_id {order} LIMIT {given(wanted.limit + 1)}"
    )
    return statement, arguments


def conditions_of(within: Bounds) -> list[tuple[str, object]]:
    """On `users u`: what stands before an argument, and the argument."""
    conditions: list[tuple[str, object]] = []
    for column, value in (
        ("u.scope =", within.scope),
        ("u.scope <", within.below),
        ("u.scope <=", within.up_to),
        ("u.site =", within.site),
        ("u.user_id <>", within.but),
    ):
        if value is not None:
            conditions.append((column, value))
    return conditions


def _listed(row: asyncpg.Record) -> ListedUser:
    return ListedUser(
        place=UserPlace(row["key"], row["user_id"]),
        rev=row["profile_rev"],
        extension=row["extension"],
        login_name=row["login_name"],
        first_name=row["first_name"],
        last_name=row["last_name"],
        department=row["department"],
        site=row["site"],
        scope=Scope(row["scope"]),
        status=status_of(has_password=row["has_password"], has_pin=row["has_pin"]),
        disabled=row["disabled"],
    )
