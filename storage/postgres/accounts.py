"""Users, sessions and the audit in PostgreSQL."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import asyncpg

from accounts.model import Account, AuditLine, Credentials, Email, EndedSession, NewSession, Session
from accounts.permissions import Person
from storage.postgres.look_ups import LookUps
from storage.postgres.pool import Connection, Pool, connection, transaction
from wire.identity import DomainId, Scope, SessionId, UserId

_CREDENTIALS = """
SELECT user_id, scope, disabled, password_hash FROM users
WHERE domain_id = $1 AND login_name = $2 AND deleted_at IS NULL
"""

_REPLACE_HASH = """
UPDATE users SET password_hash = $4 WHERE domain_id = $1 AND user_id = $2 AND password_hash = $3
"""

_ACCOUNT = """
SELECT u.domain_id, u.user_id, u.profile_rev, u.directory_rev, u.extension, u.login_name, u.first_name, u.last_name,
    u.department, u.site, u.job_title, u.scope, u.time_zone, u.language, u.caller_id, u.emergency_caller_id,
    u.area_code,
    u.record_calls, u.list_in_directory, u.announce_in_directory, u.overwrite_with_site_defaults,
    u.sso_account, u.photo_rev, u.password_hash IS NOT NULL AS has_password, u.pin_hash IS NOT NULL AS has_pin,
    u.is_system, u.disabled, d.name AS domain_name, d.time_zone AS domain_time_zone,
    d.language AS domain_language,
    coalesce(
        (SELECT jsonb_agg(jsonb_build_array(e.email, e.verified) ORDER BY e.position)
        FROM user_emails e WHERE e.domain_id = u.domain_id AND e.user_id = u.user_id),
        '[]'
    ) AS emails
FROM users u JOIN domains d USING (domain_id)
WHERE u.domain_id = $1 AND u.user_id = $2 AND u.deleted_at IS NULL
"""

_ADD_AUDIT = """
INSERT INTO audit (domain_id, at, user_id, operator_id, action, target, address, before, after, key)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
"""

# Waits for whoever is changing the password, who holds the row for themselves, and then sees what it has become.
_PASSWORD_NOW = "SELECT password_hash FROM users WHERE domain_id = $1 AND user_id = $2 FOR KEY SHARE"  # noqa: S105

_FORGET_OLD_SESSIONS = """
DELETE FROM sessions WHERE domain_id = $1 AND user_id = $2 AND least(expires_at, absolute_expires_at) <= $3
"""

_START_SESSION = """
INSERT INTO sessions (
    domain_id, token_hash, session_id, user_id, operator_id, kind, user_agent, address,
    created_at, last_used_at, expires_at, absolute_expires_at
) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10, $11)
"""

_SESSION = """
SELECT s.domain_id, s.token_hash, s.session_id, s.user_id, s.operator_id, s.last_used_at, s.expires_at,
    s.absolute_expires_at, u.extension, u.scope, u.site,
    u.disabled OR coalesce(operator.disabled OR operator.deleted_at IS NOT NULL, false) AS disabled,
    operator.scope AS operator_scope, operator.site AS operator_site
FROM sessions s
JOIN users u ON u.domain_id = s.domain_id AND u.user_id = s.user_id AND u.deleted_at IS NULL
LEFT JOIN users operator ON operator.domain_id = s.domain_id AND operator.user_id = s.operator_id
"""
_SESSION_BY_ID = f"{_SESSION} WHERE s.domain_id = $1 AND s.session_id = $2"
# LATERAL: three look-ups by key for each, whatever the planner expects.
_SESSIONS_BY_TOKENS = f"""
SELECT found.* FROM unnest((SELECT $1::text[]), (SELECT $2::bytea[])) AS asked (domain_id, token_hash)
CROSS JOIN LATERAL (
    {_SESSION} WHERE s.domain_id = asked.domain_id AND s.token_hash = asked.token_hash OFFSET 0
) found
"""  # noqa: S608 - put together from constants

_LEARN_LANGUAGE = "UPDATE users SET language = $3 WHERE domain_id = $1 AND user_id = $2 AND language = ''"

_PROLONG_SESSION = """
UPDATE sessions SET last_used_at = $3, expires_at = $4
WHERE domain_id = $1 AND session_id = $2 AND last_used_at < $3
"""

# With the masks that were put on in it; who logs out behind a mask means all of it.
_END_SESSION = """
WITH meant AS (
    SELECT coalesce(operator_session, session_id) AS id FROM sessions WHERE domain_id = $1 AND session_id = $2
)
DELETE FROM sessions s USING meant
WHERE s.domain_id = $1 AND meant.id IN (s.session_id, s.operator_session)
RETURNING s.user_id, s.session_id
"""

_END_SESSIONS = """
DELETE FROM sessions WHERE domain_id = $1 AND (user_id = $2 OR operator_id = $2) RETURNING user_id, session_id
"""

_Token = tuple[DomainId, bytes]


class PostgresAccountStore:
    """See `accounts.store.AccountStore`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._sessions_by_token: LookUps[_Token, Session] = LookUps(self._find_sessions)

    async def close(self) -> None:
        """Before the pool."""
        await self._sessions_by_token.close()

    async def credentials(self, domain: DomainId, login_name: str) -> Credentials | None:
        async with connection(self._pool) as conn:
            row = await conn.fetchrow(_CREDENTIALS, domain, login_name)
        if row is None:
            return None
        return Credentials(
            user=row["user_id"],
            scope=Scope(row["scope"]),
            disabled=row["disabled"],
            password_hash=row["password_hash"],
        )

    async def replace_password_hash(self, domain: DomainId, user: UserId, old: str, new: str) -> None:
        async with connection(self._pool) as conn:
            await conn.execute(_REPLACE_HASH, domain, user, old, new)

    async def account(self, domain: DomainId, user: UserId) -> Account | None:
        async with connection(self._pool) as conn:
            return await account_in_tx(conn, domain, user)

    async def start_session(self, session: NewSession, password_hash: str | None = None) -> bool:
        async with transaction(self._pool) as conn:
            if password_hash and await conn.fetchval(_PASSWORD_NOW, session.domain, session.user) != password_hash:
                return False
            if session.language:
                # Before any session is touched, in the order of whoever ends sessions.
                await conn.execute(_LEARN_LANGUAGE, session.domain, session.user, session.language)
            await conn.execute(_FORGET_OLD_SESSIONS, session.domain, session.user, session.created_at)
            await conn.execute(
                _START_SESSION,
                session.domain,
                session.token_hash,
                session.session,
                session.user,
                session.operator,
                session.kind.value,
                session.user_agent,
                session.address,
                session.created_at,
                session.expires_at,
                session.absolute_expires_at,
            )
        return True

    async def session_by_token(self, domain: DomainId, token_hash: bytes) -> Session | None:
        return await self._sessions_by_token.get((domain, token_hash))

    async def _find_sessions(self, tokens: Sequence[_Token]) -> Mapping[_Token, Session]:
        async with connection(self._pool) as conn:
            rows = await conn.fetch(
                _SESSIONS_BY_TOKENS, [domain for domain, _ in tokens], [token_hash for _, token_hash in tokens]
            )
        return {(row["domain_id"], row["token_hash"]): _session(row) for row in rows}

    async def session_by_id(self, domain: DomainId, session: SessionId) -> Session | None:
        async with connection(self._pool) as conn:
            row = await conn.fetchrow(_SESSION_BY_ID, domain, session)
        return None if row is None else _session(row)

    async def prolong_session(
        self, domain: DomainId, session: SessionId, used_at: datetime, expires_at: datetime
    ) -> None:
        async with connection(self._pool) as conn:
            await conn.execute(_PROLONG_SESSION, domain, session, used_at, expires_at)

    async def end_session(self, domain: DomainId, session: SessionId) -> Sequence[EndedSession]:
        async with connection(self._pool) as conn:
            rows = await conn.fetch(_END_SESSION, domain, session)
        return [EndedSession(row["user_id"], row["session_id"]) for row in rows]

    async def end_sessions(self, domain: DomainId, user: UserId, audit: AuditLine) -> Sequence[EndedSession]:
        async with transaction(self._pool) as conn:
            ended = await end_sessions_in_tx(conn, domain, user)
            await add_audit_in_tx(conn, domain, audit)
        return ended


def _session(row: asyncpg.Record) -> Session:
    return Session(
        session=row["session_id"],
        domain=row["domain_id"],
        user=row["user_id"],
        operator=_operator(row),
        extension=row["extension"],
        scope=Scope(row["scope"]),
        site=row["site"],
        disabled=row["disabled"],
        last_used_at=row["last_used_at"],
        expires_at=row["expires_at"],
        absolute_expires_at=row["absolute_expires_at"],
    )


def _operator(row: asyncpg.Record) -> Person | None:
    if row["operator_id"] is None:
        return None
    scope, site = Scope(row["operator_scope"]), row["operator_site"]
    return Person(domain=row["domain_id"], user=row["operator_id"], scope=scope, site=site)


async def account_in_tx(conn: Connection, domain: DomainId, user: UserId) -> Account | None:
    row = await conn.fetchrow(_ACCOUNT, domain, user)
    return None if row is None else _account(row)


async def end_sessions_in_tx(conn: Connection, domain: DomainId, user: UserId) -> Sequence[EndedSession]:
    """All of the user's, also those in which the user masks somebody else. Whoever calls closes their connections."""
    rows = await conn.fetch(_END_SESSIONS, domain, user)
    return [EndedSession(row["user_id"], row["session_id"]) for row in rows]


async def add_audit_in_tx(conn: Connection, domain: DomainId, line: AuditLine) -> None:
    """Whoever runs us is nobody in the domain, and stands there as none."""
    await conn.execute(_ADD_AUDIT, *_audit_row(domain, line))


async def add_audits_in_tx(conn: Connection, domain: DomainId, lines: Iterable[AuditLine]) -> None:
    await conn.executemany(_ADD_AUDIT, [_audit_row(domain, line) for line in lines])


def _audit_row(domain: DomainId, line: AuditLine) -> tuple[object, ...]:
    return (
        domain,
        line.at,
        line.user or None,
        line.operator,
        line.action,
        line.target,
        line.address,
        line.before,
        line.after,
        line.key,
    )


def _account(row: asyncpg.Record) -> Account:
    return Account(
        domain=row["domain_id"],
        user=row["user_id"],
        rev=row["profile_rev"],
        directory_rev=row["directory_rev"],
        extension=row["extension"],
        login_name=row["login_name"],
        first_name=row["first_name"],
        last_name=row["last_name"],
        department=row["department"],
        site=row["site"],
        job_title=row["job_title"],
        scope=Scope(row["scope"]),
        time_zone=row["time_zone"],
        language=row["language"],
        caller_id=row["caller_id"],
        emergency_caller_id=row["emergency_caller_id"],
        area_code=row["area_code"],
        emails=tuple(Email(email, verified) for email, verified in row["emails"]),
        record_calls=row["record_calls"],
        list_in_directory=row["list_in_directory"],
        announce_in_directory=row["announce_in_directory"],
        overwrite_with_site_defaults=row["overwrite_with_site_defaults"],
        sso_account=row["sso_account"],
        photo_rev=row["photo_rev"],
        has_password=row["has_password"],
        has_pin=row["has_pin"],
        is_system=row["is_system"],
        disabled=row["disabled"],
        domain_name=row["domain_name"],
        domain_time_zone=row["domain_time_zone"],
        domain_language=row["domain_language"],
    )
