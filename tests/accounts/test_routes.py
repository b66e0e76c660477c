import secrets

import pytest
from redis.asyncio import Redis

from accounts.profiles import routes as profile_routes
from accounts.routes import SESSION_COOKIE, operations
from storage.postgres.pool import Pool
from storage.redis.bus import RedisBus
from tests.support.accounts import PASSWORD, hash_of, make_account_service, make_profile_service
from tests.support.company import Company
from wire.http import LoggedIn, LoginRequest, Me, Profile, ProfileEdit, TicketMade
from wire.operations import Access, Answer, Ask, Client, Handler


@pytest.fixture
def handlers(pool: Pool, redis: Redis, bus: RedisBus) -> dict[str, Handler]:
    profiles = profile_routes.operations(make_profile_service(pool, redis, bus))
    return {each.name: each.handler for each in [*operations(make_account_service(pool, redis, bus)), *profiles]}


@pytest.fixture
async def company(pool: Pool) -> Company:
    company = await Company.make(pool)
    await company.add("1001", password_hash=await hash_of())
    return company


def ask_to_log_in(company: Company, *, bearer: bool) -> Ask:
    client = Client(f"2001:db8:{secrets.token_hex(2)}:1::1")
    return Ask(client, body=LoginRequest(login=f"1001@{company.domain}", password=PASSWORD, bearer=bearer))


async def test_a_browser_gets_a_cookie_and_no_token(handlers: dict[str, Handler], company: Company) -> None:
    answer = await handlers["log_in"](ask_to_log_in(company, bearer=False))
    assert isinstance(answer, Answer)
    assert isinstance(answer.body, LoggedIn)
    assert answer.body.token is None
    [cookie] = answer.cookies
    assert cookie.name == SESSION_COOKIE
    assert cookie.value is not None
    assert cookie.value.endswith(f".{company.domain}")
    assert cookie.max_age == 90 * 86_400


async def test_other_clients_get_a_token_and_no_cookie(handlers: dict[str, Handler], company: Company) -> None:
    answer = await handlers["log_in"](ask_to_log_in(company, bearer=True))
    assert isinstance(answer, Answer)
    assert isinstance(answer.body, LoggedIn)
    assert answer.body.token is not None
    assert answer.cookies == ()


async def test_logging_out_takes_the_cookie_back(handlers: dict[str, Handler], company: Company) -> None:
    user = await company.add("1002")
    answer = await handlers["log_out"](Ask(Client(""), caller=company.caller(user)))
    assert isinstance(answer, Answer)
    [cookie] = answer.cookies
    assert (cookie.name, cookie.value) == (SESSION_COOKIE, None)


async def test_each_operation_answers_with_the_struct_it_documents(
    handlers: dict[str, Handler], company: Company
) -> None:
    caller = company.caller(await company.add("1002"))
    client = Client("")
    assert isinstance(await handlers["get_me"](Ask(client, caller=caller)), Me)
    assert isinstance(await handlers["make_ticket"](Ask(client, caller=caller)), TicketMade)
    assert isinstance(await handlers["get_profile"](Ask(client, caller=caller)), Profile)
    edit = ProfileEdit(first_name="Ann")
    edited = await handlers["edit_profile"](Ask(client, caller=caller, body=edit))
    assert isinstance(edited, Profile)
    assert edited.first_name == "Ann"


def test_only_the_login_is_open_to_everybody(pool: Pool, redis: Redis, bus: RedisBus) -> None:
    public = [each.name for each in operations(make_account_service(pool, redis, bus)) if each.access is Access.PUBLIC]
    assert public == ["log_in"]
