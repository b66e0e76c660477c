import secrets
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from redis.asyncio import Redis

from accounts.entering import SESSION_AT_MOST, SESSION_IDLE
from accounts.errors import MayNotLogIn, SessionOver, TooManyAttempts, WrongLogin
from accounts.service import PROLONG_EVERY, AccountService
from storage.postgres.pool import Pool, connection
from storage.redis.bus import RedisBus
from storage.redis.login_throttle import ATTEMPTS_FROM_ONE_NETWORK
from tests.support.accounts import PASSWORD, CountingHasher, TurnableClock, hash_of, make_account_service
from tests.support.company import Company, Listener
from wire.errors import Invalid, NotAllowed
from wire.events import EndReason
from wire.http import LoginRequest
from wire.identity import Scope
from wire.operations import Client


@pytest.fixture
async def company(pool: Pool) -> Company:
    return await Company.make(pool)


@pytest.fixture
def clock() -> TurnableClock:
    return TurnableClock()


@pytest.fixture
def hasher() -> CountingHasher:
    return CountingHasher()


@pytest.fixture
def service(pool: Pool, redis: Redis, bus: RedisBus, clock: TurnableClock, hasher: CountingHasher) -> AccountService:
    return make_account_service(pool, redis, bus, clock=clock, hasher=hasher)


@pytest.fixture
def client() -> Client:
    """From an address of its own, since wrong passwords are counted by address."""
    return Client(f"2001:db8:{secrets.token_hex(2)}:{secrets.token_hex(2)}::1", "a browser")


async def add_anna(company: Company, **fields: Any) -> None:
    await company.add("1001", login_name="anna", **{"password_hash": await hash_of(), **fields})


def request(company: Company, name: str = "anna", password: str = PASSWORD, *, bearer: bool = False) -> LoginRequest:
    return LoginRequest(login=f"{name}@{company.domain}", password=password, bearer=bearer)


async def test_whoever_knows_the_password_gets_a_token_and_is_told_who_they_are(
    service: AccountService, company: Company, client: Client, clock: TurnableClock
) -> None:
    await add_anna(company)
    token, logged_in = await service.login(request(company), client)
    assert logged_in.token is None, "a cookie's token is not shown to scripts in the page"
    assert logged_in.expires_at == clock.now + SESSION_IDLE
    assert (logged_in.me.first_name, logged_in.me.extension, logged_in.me.scope) == ("User", "1001", "basic_user")
    assert "chat.use" in logged_in.me.permissions
    caller = await service.caller_of(token)
    assert (caller.domain, caller.extension, caller.operator) == (company.domain, "1001", None)


async def test_a_bearer_token_is_shown_once(service: AccountService, company: Company, client: Client) -> None:
    await add_anna(company)
    token, logged_in = await service.login(request(company, bearer=True), client)
    assert logged_in.token == token


async def test_login_names_and_domains_have_no_case(service: AccountService, company: Company, client: Client) -> None:
    await add_anna(company)
    login = f" ANNA@{company.domain.upper()} "
    await service.login(LoginRequest(login=login, password=PASSWORD), client)


@pytest.mark.parametrize("login", ["anna", "@a.test", "anna@", "an na@a.test", "anna@{a}.test", "anna@a.test/x"])
async def test_what_is_not_a_login_is_said_so(service: AccountService, client: Client, login: str) -> None:
    with pytest.raises(Invalid) as refused:
        await service.login(LoginRequest(login=login, password=PASSWORD), client)
    assert refused.value.field == "login"


async def test_the_language_of_the_first_login_is_learned_and_that_of_the_next_is_not(
    service: AccountService, company: Company, client: Client, pool: Pool
) -> None:
    await add_anna(company)
    for language, known in (("", ""), ("de", "de"), ("en", "de")):
        await service.login(request(company), replace(client, language=language))
        assert await pool.fetchval("SELECT language FROM users WHERE domain_id = $1", company.domain) == known


async def test_only_the_hash_of_a_token_is_stored(
    service: AccountService, company: Company, client: Client, pool: Pool
) -> None:
    await add_anna(company)
    token, _ = await service.login(request(company), client)
    async with connection(pool) as conn:
        row = await conn.fetchrow("SELECT s::text AS everything FROM sessions s WHERE domain_id = $1", company.domain)
    assert row is not None
    assert token.partition(".")[0] not in row["everything"]


async def test_every_wrong_login_takes_the_same_work_and_gets_the_same_answer(
    service: AccountService, company: Company, client: Client, hasher: CountingHasher
) -> None:
    await add_anna(company)
    await company.add("1002", login_name="nopassword")
    wrong = [
        request(company, password="Wrong123"),
        request(company, name="nobody"),
        request(company, name="nopassword"),
        LoginRequest(login=f"anna@{secrets.token_hex(4)}.test", password=PASSWORD),
    ]
    answers = set()
    for each in wrong:
        before = hasher.verified
        with pytest.raises(WrongLogin) as refused:
            await service.login(each, client)
        answers.add((refused.value.message, refused.value.field))
        assert hasher.verified == before + 1
    assert len(answers) == 1


@pytest.mark.parametrize("fields", [{"scope": Scope.NO_PORTAL}, {"disabled": True}])
async def test_who_may_not_use_the_portal_hears_so_only_with_the_right_password(
    service: AccountService, company: Company, client: Client, fields: dict[str, Any]
) -> None:
    await add_anna(company, **fields)
    with pytest.raises(MayNotLogIn):
        await service.login(request(company), client)
    with pytest.raises(WrongLogin):
        await service.login(request(company, password="Wrong123"), client)


async def test_a_deleted_user_does_not_exist(
    service: AccountService, company: Company, client: Client, pool: Pool
) -> None:
    await add_anna(company)
    token, _ = await service.login(request(company), client)
    async with connection(pool) as conn:
        await conn.execute("UPDATE users SET deleted_at = now() WHERE domain_id = $1", company.domain)
    with pytest.raises(SessionOver):
        await service.caller_of(token)
    with pytest.raises(WrongLogin):
        await service.login(request(company), client)


async def test_a_hash_with_old_parameters_is_renewed_at_login(
    pool: Pool, redis: Redis, bus: RedisBus, company: Company, client: Client
) -> None:
    await add_anna(company)
    stronger = make_account_service(pool, redis, bus, hasher=CountingHasher(time_cost=2))
    await stronger.login(request(company), client)
    async with connection(pool) as conn:
        renewed = await conn.fetchval("SELECT password_hash FROM users WHERE domain_id = $1", company.domain)
    assert ",t=2," in renewed
    await stronger.login(request(company), client)


async def test_guessing_is_stopped_for_a_while_and_the_right_password_waits_too(
    service: AccountService, company: Company, client: Client, hasher: CountingHasher
) -> None:
    await add_anna(company)
    for _ in range(ATTEMPTS_FROM_ONE_NETWORK):
        with pytest.raises(WrongLogin):
            await service.login(request(company, password="Wrong123"), client)
    work = hasher.verified
    with pytest.raises(TooManyAttempts) as refused:
        await service.login(request(company), client)
    assert refused.value.retry_after is not None
    assert 0 < refused.value.retry_after <= 300
    assert hasher.verified == work, "guesses over the limit cost us nothing"
    elsewhere = Client("203.0.113.9")
    await service.login(request(company), elsewhere)


async def test_a_right_password_forgets_earlier_mistakes(
    service: AccountService, company: Company, client: Client
) -> None:
    await add_anna(company)
    for _ in range(3):
        for _ in range(ATTEMPTS_FROM_ONE_NETWORK - 1):
            with pytest.raises(WrongLogin):
                await service.login(request(company, password="Wrong123"), client)
        await service.login(request(company), client)


async def test_a_session_ends_when_nobody_uses_it(
    service: AccountService, company: Company, client: Client, clock: TurnableClock
) -> None:
    await add_anna(company)
    token, _ = await service.login(request(company), client)
    clock.turn(SESSION_IDLE)
    with pytest.raises(SessionOver):
        await service.caller_of(token)


async def test_a_session_that_is_used_goes_on_up_to_its_absolute_end(
    service: AccountService, company: Company, client: Client, clock: TurnableClock
) -> None:
    await add_anna(company)
    token, _ = await service.login(request(company), client)
    ends_at = clock.now + SESSION_AT_MOST
    while clock.now + SESSION_IDLE < ends_at:
        clock.turn(SESSION_IDLE - timedelta(seconds=1))
        await service.caller_of(token)
    clock.now = ends_at
    with pytest.raises(SessionOver):
        await service.caller_of(token)


async def test_the_last_use_is_written_down_only_now_and_then(
    service: AccountService, company: Company, client: Client, clock: TurnableClock, pool: Pool
) -> None:
    await add_anna(company)
    token, _ = await service.login(request(company), client)
    logged_in_at = clock.now

    async def last_used() -> object:
        await service.caller_of(token)
        async with connection(pool) as conn:
            return await conn.fetchval("SELECT last_used_at FROM sessions WHERE domain_id = $1", company.domain)

    clock.turn(PROLONG_EVERY - timedelta(seconds=1))
    assert await last_used() == logged_in_at
    clock.turn(timedelta(seconds=1))
    assert await last_used() == clock.now


async def test_a_new_login_forgets_those_that_ran_out(
    service: AccountService, company: Company, client: Client, clock: TurnableClock, pool: Pool
) -> None:
    await add_anna(company)
    await service.login(request(company), client)
    clock.turn(SESSION_IDLE)
    await service.login(request(company), client)
    async with connection(pool) as conn:
        assert await conn.fetchval("SELECT count(*) FROM sessions WHERE domain_id = $1", company.domain) == 1


async def test_a_change_of_scope_is_felt_with_the_next_request(
    service: AccountService, company: Company, client: Client, pool: Pool
) -> None:
    await add_anna(company)
    token, _ = await service.login(request(company), client)
    async with connection(pool) as conn:
        await conn.execute("UPDATE users SET scope = 7 WHERE domain_id = $1", company.domain)
    assert (await service.caller_of(token)).scope is Scope.OFFICE_MANAGER
    async with connection(pool) as conn:
        await conn.execute("UPDATE users SET disabled = true WHERE domain_id = $1", company.domain)
    with pytest.raises(SessionOver):
        await service.caller_of(token)


async def test_logging_out_ends_this_session_only_and_tells_its_connections(
    service: AccountService, company: Company, client: Client, bus: RedisBus
) -> None:
    await add_anna(company)
    here, _ = await service.login(request(company), client)
    there, _ = await service.login(request(company), client)
    listener = await Listener.on(bus, company.domain)
    caller = await service.caller_of(here)
    await service.logout(caller)
    with pytest.raises(SessionOver):
        await service.caller_of(here)
    await service.caller_of(there)
    await listener.everything(bus, company.domain)
    [ended] = listener.ended
    assert (ended.user, ended.reason, ended.sessions) == (caller.user, EndReason.LOGGED_OUT, [caller.session])


async def test_a_manager_ends_all_logins_of_a_user_and_it_is_written_down(
    service: AccountService, company: Company, client: Client, bus: RedisBus, pool: Pool
) -> None:
    await add_anna(company)
    manager = await company.add("1051", scope=Scope.OFFICE_MANAGER)
    tokens = [(await service.login(request(company), client))[0] for _ in range(2)]
    anna = await service.caller_of(tokens[0])
    listener = await Listener.on(bus, company.domain)
    await service.end_sessions(company.caller(manager), anna.user)
    for token in tokens:
        with pytest.raises(SessionOver):
            await service.caller_of(token)
    await listener.everything(bus, company.domain)
    [ended] = listener.ended
    assert ended.user == anna.user
    assert ended.reason is EndReason.ENDED
    assert len(ended.sessions or []) == 2
    async with connection(pool) as conn:
        line = await conn.fetchrow("SELECT user_id, action, target FROM audit WHERE domain_id = $1", company.domain)
    assert line is not None
    assert tuple(line) == (manager, "sessions.ended", f"user:{anna.user}")


async def test_a_colleague_may_not_end_a_users_logins(service: AccountService, company: Company, pool: Pool) -> None:
    await add_anna(company)
    anna = await company.add("1002")
    ben = await company.add("1003")
    with pytest.raises(NotAllowed):
        await service.end_sessions(company.caller(ben), anna)
    rivals = await Company.make(pool)
    boss = await rivals.add("1001", scope=Scope.SUPER_USER)
    with pytest.raises(NotAllowed):
        await service.end_sessions(rivals.caller(boss), ben)


async def test_a_ticket_opens_the_session_once(service: AccountService, company: Company, client: Client) -> None:
    await add_anna(company)
    token, _ = await service.login(request(company), client)
    caller = await service.caller_of(token)
    ticket = await service.make_ticket(caller)
    assert ticket.expires_in == 30
    assert await service.caller_of_ticket(ticket.ticket) == caller
    with pytest.raises(SessionOver):
        await service.caller_of_ticket(ticket.ticket)


async def test_a_ticket_of_a_session_that_has_ended_opens_nothing(
    service: AccountService, company: Company, client: Client
) -> None:
    await add_anna(company)
    token, _ = await service.login(request(company), client)
    caller = await service.caller_of(token)
    ticket = await service.make_ticket(caller)
    await service.logout(caller)
    with pytest.raises(SessionOver):
        await service.caller_of_ticket(ticket.ticket)


@pytest.mark.parametrize("token", ["", "nonsense", "a" * 43 + ".nowhere.test", "\x00", "a" * 4_000])
async def test_tokens_and_tickets_that_are_not_ours_open_nothing(service: AccountService, token: str) -> None:
    with pytest.raises(SessionOver):
        await service.caller_of(token)
    with pytest.raises(SessionOver):
        await service.caller_of_ticket(token)


async def test_a_token_is_not_a_ticket_and_a_ticket_is_not_a_token(
    service: AccountService, company: Company, client: Client
) -> None:
    await add_anna(company)
    token, _ = await service.login(request(company), client)
    with pytest.raises(SessionOver):
        await service.caller_of_ticket(token)
    ticket = await service.make_ticket(await service.caller_of(token))
    with pytest.raises(SessionOver):
        await service.caller_of(ticket.ticket)


async def test_a_token_of_one_domain_opens_nothing_in_another(
    service: AccountService, company: Company, client: Client, pool: Pool
) -> None:
    await add_anna(company)
    rivals = await Company.make(pool)
    await rivals.add("1001", login_name="anna", password_hash=await hash_of("Other123"))
    token, _ = await service.login(request(company), client)
    with pytest.raises(SessionOver):
        await service.caller_of(token.replace(company.domain, rivals.domain))
    with pytest.raises(WrongLogin):
        await service.login(request(rivals), client)
