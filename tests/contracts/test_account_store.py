import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from accounts.model import AuditLine, Email, NewSession, SessionKind
from accounts.store import AccountStore
from accounts.tokens import hash_token, make_session_id, make_token
from storage.postgres.accounts import PostgresAccountStore
from storage.postgres.pool import Pool, connection
from tests.support.company import Company
from wire.errors import Conflict
from wire.identity import Scope, UserId

_WAITING = "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND transactionid IS NOT NULL)"
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
AUDIT = AuditLine(at=NOW, user=UserId(1), operator=None, action="test", target="user:1")


@pytest.fixture
def store(pool: Pool) -> AccountStore:
    return PostgresAccountStore(pool)


@pytest.fixture
async def company(pool: Pool) -> Company:
    return await Company.make(pool, sites=["North"])


def session_of(company: Company, user: UserId, *, operator: UserId | None = None) -> NewSession:
    return NewSession(
        session=make_session_id(),
        domain=company.domain,
        token_hash=hash_token(make_token(company.domain)),
        user=user,
        kind=SessionKind.COOKIE,
        user_agent="",
        address="",
        created_at=NOW,
        expires_at=NOW + timedelta(days=1),
        absolute_expires_at=NOW + timedelta(days=2),
        operator=operator,
    )


async def test_an_account_comes_back_as_it_was_made(store: AccountStore, company: Company) -> None:
    user = await company.add(
        "1001",
        login_name="Anna.K",
        department="Sales",
        site="North",
        scope=Scope.ADVANCED_USER,
        emails=["b@a.test", "a@a.test"],
        caller_id="+1 617 555 0101",
        record_calls=True,
        pin_hash="$argon2id$",
    )
    account = await store.account(company.domain, user)
    assert account is not None
    assert account.login_name == "anna.k"
    assert (account.department, account.site, account.scope) == ("Sales", "North", Scope.ADVANCED_USER)
    assert account.emails == (Email("b@a.test", verified=True), Email("a@a.test", verified=True)), "in their order"
    assert (account.has_password, account.has_pin, account.record_calls) == (False, True, True)
    assert account.directory_rev > 0


async def test_extension_and_login_name_are_taken_once_but_free_after_a_deletion(
    store: AccountStore, company: Company, pool: Pool
) -> None:
    first = await company.add("1001", login_name="anna")
    for again in ({"login_name": "other"}, {"login_name": "ANNA"}):
        with pytest.raises(Conflict):
            await company.add("1001" if again["login_name"] == "other" else "1002", **again)
    async with connection(pool) as conn:
        await conn.execute("UPDATE users SET deleted_at = now() WHERE domain_id = $1", company.domain)
    second = await company.add("1001", login_name="anna")
    assert second > first, "ids are never used twice"
    assert await store.account(company.domain, first) is None


async def test_ids_are_given_out_once_to_many_at_the_same_time(company: Company, pool: Pool) -> None:
    users = await asyncio.gather(*(company.add(str(1001 + number)) for number in range(20)))
    assert sorted(users) == list(range(1, 21))


async def test_a_hash_is_replaced_only_if_it_is_still_the_old_one(store: AccountStore, company: Company) -> None:
    user = await company.add("1001", password_hash="old")
    await store.replace_password_hash(company.domain, user, "other", "new")
    credentials = await store.credentials(company.domain, "1001")
    assert credentials is not None
    assert credentials.password_hash == "old"
    await store.replace_password_hash(company.domain, user, "old", "new")
    credentials = await store.credentials(company.domain, "1001")
    assert credentials is not None
    assert credentials.password_hash == "new"


async def test_a_session_is_found_by_token_and_by_id_until_it_is_ended(store: AccountStore, company: Company) -> None:
    new = session_of(company, await company.add("1001"))
    await store.start_session(new)
    by_token = await store.session_by_token(company.domain, new.token_hash)
    assert by_token is not None
    assert by_token == await store.session_by_id(company.domain, new.session)
    assert (by_token.user, by_token.expires_at, by_token.operator) == (new.user, new.expires_at, None)
    assert await store.end_session(company.domain, new.session)
    assert not await store.end_session(company.domain, new.session)
    assert await store.session_by_token(company.domain, new.token_hash) is None


async def test_no_session_starts_by_a_password_that_was_changed_meanwhile(
    store: AccountStore, company: Company, pool: Pool
) -> None:
    user = await company.add("1001", password_hash="old")
    late = session_of(company, user)
    async with pool.acquire() as changing, changing.transaction():
        await changing.execute(
            "SELECT FROM users WHERE domain_id = $1 AND user_id = $2 FOR UPDATE", company.domain, user
        )
        started = asyncio.create_task(store.start_session(late, "old"))
        await changing.execute(
            "UPDATE users SET password_hash = 'new' WHERE domain_id = $1 AND user_id = $2", company.domain, user
        )
        async with asyncio.timeout(60):
            while not await changing.fetchval(_WAITING):  # noqa: ASYNC110 - a lock tells nobody
                await asyncio.sleep(0.01)
    assert not await started
    assert await store.session_by_id(company.domain, late.session) is None
    assert await store.start_session(late, "new")


async def test_a_prolonged_session_never_goes_back(store: AccountStore, company: Company) -> None:
    new = session_of(company, await company.add("1001"))
    await store.start_session(new)
    for hours in (2, 1):
        moment = NOW + timedelta(hours=hours)
        await store.prolong_session(company.domain, new.session, moment, moment + timedelta(days=1))
    session = await store.session_by_id(company.domain, new.session)
    assert session is not None
    assert session.last_used_at == NOW + timedelta(hours=2)
    assert session.expires_at == NOW + timedelta(days=1, hours=2)


async def test_ending_a_users_sessions_ends_the_masks_that_the_user_wears(
    store: AccountStore, company: Company
) -> None:
    manager, anna = await company.add("1051", scope=Scope.OFFICE_MANAGER), await company.add("1001")
    own, mask, annas = (
        session_of(company, manager),
        session_of(company, anna, operator=manager),
        session_of(company, anna),
    )
    for new in (own, mask, annas):
        await store.start_session(new)
    ended = await store.end_sessions(company.domain, manager, AUDIT)
    assert {(each.user, each.session) for each in ended} == {(manager, own.session), (anna, mask.session)}
    assert await store.session_by_id(company.domain, annas.session) is not None


async def test_a_mask_is_over_when_its_manager_is_disabled(store: AccountStore, company: Company, pool: Pool) -> None:
    manager, anna = await company.add("1051", scope=Scope.OFFICE_MANAGER), await company.add("1001")
    mask = session_of(company, anna, operator=manager)
    await store.start_session(mask)
    for column in ("disabled = true", "disabled = false, deleted_at = now()"):
        async with connection(pool) as conn:
            await conn.execute(
                f"UPDATE users SET {column} WHERE domain_id = $1 AND user_id = $2",  # noqa: S608
                company.domain,
                manager,
            )
        session = await store.session_by_id(company.domain, mask.session)
        assert session is not None
        assert not session.is_good(NOW)


async def test_nothing_is_found_or_changed_from_another_domain(
    store: AccountStore, company: Company, pool: Pool
) -> None:
    rivals = await Company.make(pool)
    user = await company.add("1001", password_hash="old", scope=Scope.SUPER_USER)
    new = session_of(company, user)
    await store.start_session(new)
    theirs = rivals.domain
    assert await store.credentials(theirs, "1001") is None
    assert await store.account(theirs, user) is None
    assert await store.session_by_token(theirs, new.token_hash) is None
    assert await store.session_by_id(theirs, new.session) is None
    assert not await store.end_session(theirs, new.session)
    assert list(await store.end_sessions(theirs, user, AUDIT)) == []
    await store.replace_password_hash(theirs, user, "old", "new")
    await store.prolong_session(theirs, new.session, NOW + timedelta(hours=1), NOW + timedelta(days=9))
    session = await store.session_by_id(company.domain, new.session)
    assert session is not None
    assert session.expires_at == new.expires_at
    credentials = await store.credentials(company.domain, "1001")
    assert credentials is not None
    assert credentials.password_hash == "old"
