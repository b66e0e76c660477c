"""A company to measure with: people made directly in the database, and logins that cost nobody a password hash."""

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from msgspec import Struct

from accounts.model import NewSession, SessionKind
from accounts.tokens import hash_token, make_session_id, make_token
from accounts.users.model import NewUser
from storage.postgres.accounts import PostgresAccountStore
from storage.postgres.pool import Pool, transaction
from storage.postgres.provisioning import add_domain_in_tx, add_user_in_tx
from wire.identity import DomainId, UserId


class Company(Struct, frozen=True):
    domain: DomainId
    users: list[UserId]


async def make_company(pool: Pool, size: int) -> Company:
    """A fresh domain with `size` listed Basic Users."""
    domain = DomainId(f"{secrets.token_hex(6)}.bench.test")
    async with transaction(pool) as conn:
        await add_domain_in_tx(conn, domain, name="A Company")
        users = [
            await add_user_in_tx(
                conn, domain, NewUser(extension=str(10_000 + number), first_name="Person", last_name=f"Number {number}")
            )
            for number in range(size)
        ]
    return Company(domain, users)


async def log_in(
    pool: Pool, company: Company, users: Sequence[UserId], kind: SessionKind = SessionKind.BEARER
) -> list[str]:
    """A token for each, in order; somebody named several times gets several logins."""
    store = PostgresAccountStore(pool)
    now = datetime.now(UTC)
    tokens = []
    for user in users:
        token = make_token(company.domain)
        tokens.append(token)
        await store.start_session(
            NewSession(
                session=make_session_id(),
                domain=company.domain,
                token_hash=hash_token(token),
                user=user,
                kind=kind,
                user_agent="Mozilla/5.0 (X11; Linux x86_64) bench",
                address="127.0.0.1",
                created_at=now,
                expires_at=now + timedelta(days=1),
                absolute_expires_at=now + timedelta(days=1),
            )
        )
    return tokens
