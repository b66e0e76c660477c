"""A manager who acts as another user, as seen by every gateway."""

from datetime import UTC, datetime, timedelta

from accounts.model import NewSession, SessionKind
from accounts.tokens import hash_token, make_session_id, make_token
from storage.postgres.accounts import PostgresAccountStore
from tests.support.gateway import People
from wire.identity import UserId


async def token_of_mask(people: People, user: UserId, *, operator: UserId) -> str:
    """The bearer token of a login in which `operator` acts as `user`."""
    token = make_token(people.company.domain)
    now = datetime.now(UTC)
    await PostgresAccountStore(people.pool).start_session(
        NewSession(
            session=make_session_id(),
            domain=people.company.domain,
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
    return token
