"""Single sign-on in PostgreSQL."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg

from accounts.model import AuditLine
from accounts.single_sign_on.model import Binding, HandOverIssuer, Names, Provider
from storage.postgres.accounts import add_audit_in_tx
from storage.postgres.pool import Pool, connection, transaction
from wire.errors import NotFound
from wire.identity import DomainId, UserId

_PROVIDER = """
SELECT domain_id, issuer, client_id, secret, email_domains, trusts_emails FROM sign_on_providers
"""

_SET_PROVIDER = """
INSERT INTO sign_on_providers (domain_id, issuer, client_id, secret, email_domains, trusts_emails)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (domain_id) DO UPDATE SET issuer = excluded.issuer, client_id = excluded.client_id,
    secret = excluded.secret, email_domains = excluded.email_domains, trusts_emails = excluded.trusts_emails
"""

_REMOVE_PROVIDER = "DELETE FROM sign_on_providers WHERE domain_id = $1 RETURNING domain_id"

_BOUND = """
SELECT b.user_id FROM sign_on_bindings b
JOIN users u ON u.domain_id = b.domain_id AND u.user_id = b.user_id AND u.deleted_at IS NULL
WHERE b.domain_id = $1 AND b.issuer = $2 AND b.subject = $3
"""

_OF_ADDRESS = """
SELECT DISTINCT e.user_id FROM user_emails e
JOIN users u ON u.domain_id = e.domain_id AND u.user_id = e.user_id AND u.deleted_at IS NULL
WHERE e.domain_id = $1 AND e.verified AND lower(e.email) = $2
ORDER BY e.user_id
"""

_BIND = """
INSERT INTO sign_on_bindings (domain_id, issuer, subject, user_id, email, bound_at) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT DO NOTHING RETURNING user_id
"""

_SHOW_BINDING = "UPDATE users SET sso_account = $3 WHERE domain_id = $1 AND user_id = $2"

_ISSUERS = "SELECT domain_id, issuer, keys, names, keys_url, keys_read_at FROM hand_over_issuers"

_SET_ISSUER = """
INSERT INTO hand_over_issuers (domain_id, issuer, keys, names, keys_url, keys_read_at) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (domain_id, issuer) DO UPDATE SET keys = excluded.keys, names = excluded.names,
    keys_url = excluded.keys_url, keys_read_at = excluded.keys_read_at
"""

_KEEP_KEYS = """
UPDATE hand_over_issuers SET keys = $4, keys_read_at = $5
WHERE domain_id = $1 AND issuer = $2 AND keys_url = $3
"""

_REMOVE_ISSUER = "DELETE FROM hand_over_issuers WHERE domain_id = $1 AND issuer = $2 RETURNING issuer"

_OF_LOGIN = "SELECT user_id FROM users WHERE domain_id = $1 AND login_name = lower($2) AND deleted_at IS NULL"

_OF_EXTENSION = "SELECT user_id FROM users WHERE domain_id = $1 AND extension = $2 AND deleted_at IS NULL"

# A day late: a clock that was ahead for a moment must not make good again what was used.
_FORGET_OLD = "DELETE FROM hand_over_tokens WHERE domain_id = $1 AND expires_at < $2::timestamptz - interval '1 day'"

_USE_JTI = """
INSERT INTO hand_over_tokens (domain_id, issuer, token_hash, expires_at) VALUES ($1, $2, $3, $4)
ON CONFLICT DO NOTHING RETURNING issuer
"""

_LANGUAGE = "SELECT language FROM domains WHERE domain_id = $1 AND closed_at IS NULL"

_DOMAIN = "SELECT domain_id FROM domains WHERE domain_id = $1"


class PostgresSignOnStore:
    """See `accounts.single_sign_on.store.SignOnStore`; and what the command line needs."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def provider(self, domain: DomainId) -> Provider | None:
        async with connection(self._pool) as conn:
            row = await conn.fetchrow(f"{_PROVIDER} WHERE domain_id = $1", domain)
        return None if row is None else _provider(row)

    async def language_of(self, domain: DomainId) -> str:
        async with connection(self._pool) as conn:
            language: str | None = await conn.fetchval(_LANGUAGE, domain)
        return language or ""

    async def providers(self) -> Sequence[Provider]:
        async with connection(self._pool) as conn:
            return [_provider(row) for row in await conn.fetch(f"{_PROVIDER} ORDER BY domain_id")]

    async def set_provider(self, provider: Provider, audit: AuditLine) -> None:
        """In place of the one that there is. Raises `NotFound`: there is no such domain."""
        async with transaction(self._pool) as conn:
            if await conn.fetchval(_DOMAIN, provider.domain) is None:
                raise NotFound(f"There is no domain {provider.domain}")
            await conn.execute(
                _SET_PROVIDER,
                provider.domain,
                provider.issuer,
                provider.client_id,
                provider.secret,
                list(provider.email_domains),
                provider.trusts_emails,
            )
            await add_audit_in_tx(conn, provider.domain, audit)

    async def remove_provider(self, domain: DomainId, audit: AuditLine) -> None:
        """Raises `NotFound`. Bindings stay, for when it comes back."""
        async with transaction(self._pool) as conn:
            if await conn.fetchval(_REMOVE_PROVIDER, domain) is None:
                raise NotFound(f"{domain} has no single sign-on")
            await add_audit_in_tx(conn, domain, audit)

    async def bound(self, domain: DomainId, issuer: str, subject: str) -> UserId | None:
        async with connection(self._pool) as conn:
            found: UserId | None = await conn.fetchval(_BOUND, domain, issuer, subject)
        return found

    async def users_of_address(self, domain: DomainId, email: str) -> Sequence[UserId]:
        async with connection(self._pool) as conn:
            return [row["user_id"] for row in await conn.fetch(_OF_ADDRESS, domain, email)]

    async def bind(self, binding: Binding, audit: AuditLine) -> bool:
        async with transaction(self._pool) as conn:
            made = await conn.fetchval(
                _BIND, binding.domain, binding.issuer, binding.subject, binding.user, binding.email, binding.at
            )
            if made is None:
                return False
            await conn.execute(_SHOW_BINDING, binding.domain, binding.user, binding.email)
            await add_audit_in_tx(conn, binding.domain, audit)
        return True

    async def hand_over_issuer(self, domain: DomainId, issuer: str) -> HandOverIssuer | None:
        async with connection(self._pool) as conn:
            row = await conn.fetchrow(f"{_ISSUERS} WHERE domain_id = $1 AND issuer = $2", domain, issuer)
        return None if row is None else _issuer(row)

    async def hand_over_issuers(self) -> Sequence[HandOverIssuer]:
        async with connection(self._pool) as conn:
            return [_issuer(row) for row in await conn.fetch(f"{_ISSUERS} ORDER BY domain_id, issuer")]

    async def set_hand_over_issuer(self, issuer: HandOverIssuer, audit: AuditLine) -> None:
        """In place of the one of this name. Raises `NotFound`: there is no such domain."""
        async with transaction(self._pool) as conn:
            if await conn.fetchval(_DOMAIN, issuer.domain) is None:
                raise NotFound(f"There is no domain {issuer.domain}")
            await conn.execute(
                _SET_ISSUER,
                issuer.domain,
                issuer.issuer,
                issuer.keys,
                issuer.names.value,
                issuer.keys_url,
                issuer.keys_read_at,
            )
            await add_audit_in_tx(conn, issuer.domain, audit)

    async def keep_issuer_keys(self, issuer: HandOverIssuer, keys: bytes, at: datetime) -> None:
        async with connection(self._pool) as conn:
            await conn.execute(_KEEP_KEYS, issuer.domain, issuer.issuer, issuer.keys_url, keys, at)

    async def remove_hand_over_issuer(self, domain: DomainId, issuer: str, audit: AuditLine) -> None:
        """Raises `NotFound`."""
        async with transaction(self._pool) as conn:
            if await conn.fetchval(_REMOVE_ISSUER, domain, issuer) is None:
                raise NotFound(f"{issuer} hands nobody over to {domain}")
            await add_audit_in_tx(conn, domain, audit)

    async def user_of_name(self, domain: DomainId, names: str, name: str) -> UserId | None:
        async with connection(self._pool) as conn:
            found: UserId | None = await conn.fetchval(_OF_LOGIN if names == "login" else _OF_EXTENSION, domain, name)
        return found

    async def use_token(self, domain: DomainId, issuer: str, token: bytes, until: datetime, now: datetime) -> bool:
        async with transaction(self._pool) as conn:
            await conn.execute(_FORGET_OLD, domain, now)
            return await conn.fetchval(_USE_JTI, domain, issuer, token, until) is not None


def _provider(row: asyncpg.Record) -> Provider:
    return Provider(
        domain=row["domain_id"],
        issuer=row["issuer"],
        client_id=row["client_id"],
        secret=row["secret"],
        email_domains=tuple(row["email_domains"]),
        trusts_emails=row["trusts_emails"],
    )


def _issuer(row: asyncpg.Record) -> HandOverIssuer:
    return HandOverIssuer(
        domain=row["domain_id"],
        issuer=row["issuer"],
        keys=row["keys"],
        names=Names(row["names"]),
        keys_url=row["keys_url"],
        keys_read_at=row["keys_read_at"],
    )
