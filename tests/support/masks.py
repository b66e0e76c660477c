"""A manager who acts as another user, as seen by every gateway."""

from datetime import UTC, datetime, timedelta

from accounts.model import NewSession, SessionKind
from accounts.tokens import hash_token, make_session_id, make_token
from storage.postgres.accounts import PostgresAccountStore
from storage.postgres.pool import Pool
from tests.support.company import Company
from tests.support.gateway import People
from wire.identity import UserId


async def token_of_mask(people: People, user: UserId, *, operator: UserId) -> str:
    """The bearer token of a login in which `operator` acts as `user`."""
    return await start_session(people.pool, people.company, user, operator=operator)


async def start_session(
    pool: Pool,
    company: Company,
    user: UserId,
    *,
    operator: UserId | None = None,
    kind: SessionKind = SessionKind.BEARER,
    now: datetime | None = None,
) -> str:
    """The token of a login that is just there, for a day."""
    token, now = make_token(company.domain), now or datetime.now(UTC)
    await PostgresAccountStore(pool).start_session(
        NewSession(
            session=make_session_id(),
            domain=company.domain,
            token_hash=hash_token(token),
            user=user,
            operator=operator,
            kind=kind,
            user_agent="",
            address="",
            created_at=now,
            expires_at=now + timedelta(days=1),
            absolute_expires_at=now + timedelta(days=1),
        )
    )
    return token
