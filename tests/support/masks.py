"""A manager who acts as another user, as seen by every gateway."""

from datetime import UTC, datetime, timedelta

from accounts.model import NewSession, SessionKind
from accounts.tokens import hash_token, make_session_id, make_token
from storage.postgres.accounts import PostgresAccountStore
from storage.postgres.pool import Pool
from tests.support.company import Company
from tests.support.gateway import People
from wire.identity import SessionId, UserId


async def token_of_mask(people: People, user: UserId, *, operator: UserId) -> str:
    """The bearer token of a login in which `operator` acts as `user`."""
    token = make_token(people.company.domain)
    await start_session(people.pool, people.company, user, token=token, operator=operator)
    return token


async def start_session(
    pool: Pool, company: Company, user: UserId, *, token: str = "", operator: UserId | None = None
) -> SessionId:
    """A login that is just there."""
    now, session = datetime.now(UTC), make_session_id()
    token = token or make_token(company.domain)
    await PostgresAccountStore(pool).start_session(
        NewSession(
            session=session,
            domain=company.domain,
            token_hash=hash_token(token),
            user=user,
            operator=operator,
            kind=SessionKind.BEARER,
            user_agent="",
            address="",
            created_at=now,
            expires_at=now + timedelta(hours=1),
            absolute_expires_at=now + timedelta(hours=1),
        )
    )
    return session
