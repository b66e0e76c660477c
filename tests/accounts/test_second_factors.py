"""Second factors: set up, used at a login, lost, turned off; each code once, and guessing slowed down."""

import asyncio
import secrets
from datetime import timedelta

import msgspec
import pytest
from redis.asyncio import Redis

from accounts.factors.errors import (
    FactorRequired,
    LoginOver,
    NoProof,
    NothingToTurnOff,
    NotYourFactor,
    SetUpOver,
    TooManyCodes,
    WrongCode,
)
from accounts.factors.sealing import Seal
from accounts.factors.second_step import GOOD, TRIES
from accounts.factors.service import LOGIN_PROVES, SET_UP_GOOD
from accounts.service import AccountService
from storage.postgres.accounts import PostgresAccountStore
from storage.postgres.pool import Pool, connection
from storage.redis.bus import RedisBus
from storage.redis.code_throttle import LONG, LONG_MOST, SHORT, SHORT_MOST
from storage.redis.keys import codes_tried
from tests.support.accounts import PASSWORD, TurnableClock, hash_of, make_account_service
from tests.support.company import Company
from tests.support.factors import App, make_factors
from tests.support.masks import start_session
from wire.errors import NotAllowed, SecondFactorRequired
from wire.http import LoggedIn, LoginRequest
from wire.identity import Caller, Scope, UserId
from wire.operations import Client
from wire.security import DomainSecurity, Proof, SecondStep

BY_PASSWORD = Proof(password=PASSWORD)
STEP = timedelta(seconds=30)


class House:
    """A company with Anna (1001), who has no second factor yet unless `protect` gives her one."""

    def __init__(self, pool: Pool, redis: Redis, bus: RedisBus, company: Company, anna: UserId) -> None:
        self.pool, self.redis, self.bus, self.company, self.anna = pool, redis, bus, company, anna
        self.clock = TurnableClock()
        self.with_seal(Seal([b"k" * 32]))
        self.client = Client(f"2001:db8:{secrets.token_hex(2)}:{secrets.token_hex(2)}::1", "a browser")
        self.caller: Caller = company.caller(anna)
        self.codes: list[str] = []

    def with_seal(self, seal: Seal) -> None:
        """As if all gateways were started anew with these keys."""
        self.factors, self.second = make_factors(self.pool, self.redis, self.clock, seal)
        self.accounts: AccountService = make_account_service(
            self.pool, self.redis, self.bus, clock=self.clock, second_step=self.second
        )

    async def protect(self) -> App:
        set_up = await self.factors.begin(self.caller, BY_PASSWORD, self.client)
        app = App(set_up.secret)
        self.codes = (await self.factors.confirm(self.caller, app.code(self.clock.now), self.client)).codes
        self.clock.turn(STEP)
        return app

    def request(self, *, bearer: bool = False) -> LoginRequest:
        return LoginRequest(login=f"1001@{self.company.domain}", password=PASSWORD, bearer=bearer)

    async def password_step(self, *, bearer: bool = False) -> SecondFactorRequired:
        with pytest.raises(SecondFactorRequired) as required:
            await self.accounts.login(self.request(bearer=bearer), self.client)
        return required.value

    async def code_step(self, token: str, code: str) -> LoggedIn:
        session_token, logged_in = await self.second.finish(SecondStep(token=token, code=code), self.client)
        assert (await self.accounts.caller_of(session_token)).user == self.anna
        return logged_in

    async def enter(self, code: str) -> LoggedIn:
        return await self.code_step((await self.password_step()).token, code)

    async def audit(self) -> list[str]:
        async with connection(self.pool) as conn:
            rows = await conn.fetch(
                "SELECT action FROM audit WHERE domain_id = $1 ORDER BY audit_id", self.company.domain
            )
        return [row["action"] for row in rows]


@pytest.fixture
async def house(pool: Pool, redis: Redis, bus: RedisBus) -> House:
    company = await Company.make(pool)
    return House(pool, redis, bus, company, await company.add("1001", password_hash=await hash_of()))


async def test_once_an_app_is_confirmed_a_password_is_not_enough(house: House) -> None:
    set_up = await house.factors.begin(house.caller, BY_PASSWORD, house.client)
    app = App(set_up.secret)
    await house.accounts.login(house.request(), house.client)
    with pytest.raises(WrongCode):
        await house.factors.confirm(house.caller, app.wrong_code(house.clock.now), house.client)
    codes = (await house.factors.confirm(house.caller, app.code(house.clock.now), house.client)).codes
    assert len(codes) == 10
    mine = await house.factors.mine(house.caller)
    assert (mine.totp_since, mine.recovery_codes, mine.required) == (house.clock.now, 10, False)
    house.clock.turn(STEP)
    required = await house.password_step()
    assert (required.methods, required.expires_in) == (["code"], 300)
    logged_in = await house.code_step(required.token, app.code(house.clock.now))
    assert (logged_in.token, logged_in.recovery_codes) == (None, [])
    assert await house.audit() == ["second_factor.turned_on"]


async def test_a_softphone_gets_its_token_after_the_second_step(house: House) -> None:
    app = await house.protect()
    required = await house.password_step(bearer=True)
    logged_in = await house.code_step(required.token, app.code(house.clock.now))
    assert logged_in.token is not None


async def test_the_code_that_confirmed_the_app_opens_no_login(house: House) -> None:
    app = await house.protect()
    house.clock.turn(-STEP)
    with pytest.raises(WrongCode):
        await house.enter(app.code(house.clock.now))


async def test_a_code_is_good_once_also_for_two_at_the_same_moment(house: House) -> None:
    app = await house.protect()
    tokens = [(await house.password_step()).token for _ in range(4)]
    code = app.code(house.clock.now)
    results = await asyncio.gather(*(house.code_step(token, code) for token in tokens), return_exceptions=True)
    assert sum(isinstance(result, LoggedIn) for result in results) == 1
    assert sum(isinstance(result, WrongCode) for result in results) == 3
    with pytest.raises(WrongCode):
        await house.enter(code)
    house.clock.turn(STEP)
    await house.enter(app.code(house.clock.now))


async def test_the_token_between_the_steps_is_good_for_one_login(house: House) -> None:
    app = await house.protect()
    token = (await house.password_step()).token
    await house.code_step(token, app.code(house.clock.now))
    house.clock.turn(STEP)
    with pytest.raises(LoginOver):
        await house.code_step(token, app.code(house.clock.now))


async def test_the_token_between_the_steps_ends_by_time_by_tries_and_by_a_new_password(house: House) -> None:
    app = await house.protect()
    late = (await house.password_step()).token
    house.clock.turn(GOOD)
    with pytest.raises(LoginOver):
        await house.code_step(late, app.code(house.clock.now))

    tried = (await house.password_step()).token
    for _ in range(TRIES):
        with pytest.raises(WrongCode):
            await house.code_step(tried, "aaaa-aaaa-aaaa-aaaa")
    with pytest.raises(LoginOver):
        await house.code_step(tried, app.code(house.clock.now))

    overtaken = (await house.password_step()).token
    async with connection(house.pool) as conn:
        await conn.execute("UPDATE users SET password_hash = 'x' WHERE domain_id = $1", house.company.domain)
    with pytest.raises(LoginOver):
        await house.code_step(overtaken, app.code(house.clock.now))


async def test_the_token_between_the_steps_opens_nothing_else(house: House, pool: Pool) -> None:
    app = await house.protect()
    token = (await house.password_step()).token
    rivals = await Company.make(pool)
    with pytest.raises(LoginOver):
        await house.code_step(token.replace(house.company.domain, rivals.domain), app.code(house.clock.now))
    with pytest.raises(LoginOver):
        await house.second.set_up(token)
    session_token, _ = await house.second.finish(SecondStep(token=token, code=app.code(house.clock.now)), house.client)
    with pytest.raises(LoginOver):
        await house.code_step(session_token, app.code(house.clock.now))


async def test_guessing_codes_is_stopped_for_a_while_and_a_recovery_code_still_lets_in(house: House) -> None:
    app = await house.protect()
    for _ in range(SHORT_MOST):
        with pytest.raises(WrongCode):
            await house.enter(app.wrong_code(house.clock.now))
    with pytest.raises(TooManyCodes) as refused:
        await house.enter(app.code(house.clock.now))
    assert refused.value.retry_after is not None
    assert 0 < refused.value.retry_after <= SHORT
    await house.enter(house.codes[0])


async def test_guessing_codes_for_a_day_is_stopped_too(house: House) -> None:
    app = await house.protect()
    await house.redis.set(codes_tried(house.company.domain, house.anna, LONG), LONG_MOST, ex=LONG)
    with pytest.raises(TooManyCodes):
        await house.enter(app.code(house.clock.now))


async def test_a_right_code_forgets_earlier_mistakes(house: House) -> None:
    app = await house.protect()
    for _ in range(3):
        for _ in range(SHORT_MOST - 1):
            with pytest.raises(WrongCode):
                await house.enter(app.wrong_code(house.clock.now))
        await house.enter(app.code(house.clock.now))
        house.clock.turn(STEP)


async def test_a_recovery_code_is_good_once_and_only_its_hash_is_kept(house: House, pool: Pool) -> None:
    await house.protect()
    code = house.codes[3]
    results = await asyncio.gather(*(house.enter(code) for _ in range(3)), return_exceptions=True)
    assert sum(isinstance(result, LoggedIn) for result in results) == 1
    assert sum(isinstance(result, WrongCode) for result in results) == 2
    assert (await house.factors.mine(house.caller)).recovery_codes == 9
    async with connection(pool) as conn:
        kept = await conn.fetch("SELECT r::text AS it FROM recovery_codes r WHERE domain_id = $1", house.company.domain)
    assert not any(code.replace("-", "") in row["it"] for row in kept)
    assert await house.audit() == ["second_factor.turned_on", "second_factor.recovery_code_used"]


async def test_new_recovery_codes_replace_those_before(house: House) -> None:
    await house.protect()
    proof = Proof(code=house.codes[0])
    fresh = (await house.factors.renew_codes(house.caller, proof, house.client)).codes
    with pytest.raises(WrongCode):
        await house.enter(house.codes[1])
    await house.enter(fresh[1])


async def test_nobody_has_recovery_codes_without_an_app(house: House) -> None:
    with pytest.raises(NothingToTurnOff):
        await house.factors.renew_codes(house.caller, BY_PASSWORD, house.client)
    with pytest.raises(NothingToTurnOff):
        await house.factors.turn_off(house.caller, BY_PASSWORD, house.client)


async def test_a_factor_is_changed_only_by_who_shows_to_be_the_user(house: House) -> None:
    app = await house.protect()
    wrong = {
        Proof(password="Wrong123"): "password",
        Proof(): "password",
        Proof(password=PASSWORD, code=house.codes[0]): "password",
        Proof(code="123"): "code",
        Proof(code="aaaa-aaaa-aaaa-aaaa"): "code",
    }
    for proof, field in wrong.items():
        for act in (house.factors.begin, house.factors.renew_codes, house.factors.turn_off):
            with pytest.raises(NoProof) as refused:
                await act(house.caller, proof, house.client)
            assert refused.value.field == field
    assert (await house.factors.mine(house.caller)).recovery_codes == 10
    await house.redis.delete(codes_tried(house.company.domain, house.anna, SHORT))
    await house.factors.turn_off(house.caller, Proof(code=app.code(house.clock.now)), house.client)
    await house.accounts.login(house.request(), house.client)
    assert (await house.factors.mine(house.caller)).recovery_codes == 0


async def test_another_app_takes_the_place_of_the_first_only_once_it_is_confirmed(house: House) -> None:
    first = await house.protect()
    second = App((await house.factors.begin(house.caller, BY_PASSWORD, house.client)).secret)
    await house.enter(first.code(house.clock.now))
    house.clock.turn(STEP)
    await house.factors.confirm(house.caller, second.code(house.clock.now), house.client)
    house.clock.turn(STEP)
    with pytest.raises(WrongCode):
        await house.enter(first.code(house.clock.now))
    await house.enter(second.code(house.clock.now))


async def test_setting_up_takes_a_quarter_of_an_hour_at_most(house: House) -> None:
    app = App((await house.factors.begin(house.caller, BY_PASSWORD, house.client)).secret)
    house.clock.turn(SET_UP_GOOD)
    with pytest.raises(SetUpOver):
        await house.factors.confirm(house.caller, app.code(house.clock.now), house.client)


async def test_a_domain_that_requires_a_factor_leads_through_setting_one_up(house: House) -> None:
    manager = house.company.caller(await house.company.add("1051", scope=Scope.OFFICE_MANAGER))
    await house.factors.set_security(manager, DomainSecurity(second_factor_required=True))
    required = await house.password_step()
    assert required.methods == ["set_up"]
    with pytest.raises(SetUpOver):
        await house.code_step(required.token, "123456")
    app = App((await house.second.set_up(required.token)).secret)
    logged_in = await house.code_step(required.token, app.code(house.clock.now))
    assert len(logged_in.recovery_codes) == 10
    house.clock.turn(STEP)
    assert (await house.password_step()).methods == ["code"]
    assert (await house.factors.mine(house.caller)).required
    with pytest.raises(FactorRequired):
        await house.factors.turn_off(house.caller, BY_PASSWORD, house.client)
    assert await house.audit() == ["domain.security_changed", "second_factor.turned_on"]


async def test_what_a_domain_requires_is_decided_by_its_managers_and_holds_for_it_alone(
    house: House, pool: Pool
) -> None:
    required = DomainSecurity(second_factor_required=True)
    for scope in (Scope.BASIC_USER, Scope.CALL_CENTER_SUPERVISOR, Scope.SITE_MANAGER):
        with pytest.raises(NotAllowed):
            await house.factors.set_security(
                house.company.caller(await house.company.add(f"12{scope}", scope=scope)), required
            )
    rivals = await Company.make(pool)
    boss = rivals.caller(await rivals.add("1001", scope=Scope.OFFICE_MANAGER))
    await house.factors.set_security(boss, required)
    state = await house.factors.security_of(boss)
    assert (state.second_factor_required, state.without_second_factor) == (True, 1)
    await house.accounts.login(house.request(), house.client)


async def test_managers_turn_off_a_lost_factor_of_those_whom_they_manage(house: House, pool: Pool) -> None:
    await house.protect()
    office = house.company.caller(await house.company.add("1051", scope=Scope.OFFICE_MANAGER))
    peer = house.company.caller(await house.company.add("1002"))
    rivals = await Company.make(pool)
    stranger = rivals.caller(await rivals.add("1001", scope=Scope.SUPER_USER))
    masked = house.company.caller(office.user, operator=peer.user)
    for caller in (peer, stranger, masked, house.caller):
        with pytest.raises(NotAllowed):
            await house.factors.turn_off_for(caller, house.anna)
    await house.factors.turn_off_for(office, house.anna)
    await house.accounts.login(house.request(), house.client)
    with pytest.raises(NothingToTurnOff):
        await house.factors.turn_off_for(office, house.anna)


async def test_whoever_acts_as_somebody_else_has_nothing_to_do_with_their_factor(house: House) -> None:
    await house.protect()
    mask = house.company.caller(house.anna, operator=await house.company.add("1051", scope=Scope.OFFICE_MANAGER))
    with pytest.raises(NotYourFactor):
        await house.factors.mine(mask)
    for act in (house.factors.begin, house.factors.renew_codes, house.factors.turn_off):
        with pytest.raises(NotYourFactor):
            await act(mask, BY_PASSWORD, house.client)
    with pytest.raises(NotYourFactor):
        await house.factors.confirm(mask, "123456", house.client)


async def test_secrets_are_sealed_and_sealed_anew_by_a_newer_key_when_they_are_used(house: House, pool: Pool) -> None:
    house.with_seal(Seal())
    app = await house.protect()

    async def kept() -> bytes:
        async with connection(pool) as conn:
            found: bytes = await conn.fetchval(
                "SELECT secret FROM totp_authenticators WHERE domain_id = $1", house.company.domain
            )
        return found

    assert app.raw in await kept(), "without a key it is not sealed"
    for keys in ([b"1" * 32], [b"2" * 32, b"1" * 32]):
        house.with_seal(Seal(keys))
        before = await kept()
        await house.enter(app.code(house.clock.now))
        house.clock.turn(STEP)
        assert app.raw not in await kept()
        assert await kept() != before
    house.with_seal(Seal([b"2" * 32]))
    await house.enter(app.code(house.clock.now))


async def test_a_disabled_user_finishes_no_login(house: House) -> None:
    app = await house.protect()
    token = (await house.password_step()).token
    async with connection(house.pool) as conn:
        await conn.execute("UPDATE users SET disabled = true WHERE domain_id = $1", house.company.domain)
    with pytest.raises(LoginOver):
        await house.code_step(token, app.code(house.clock.now))
    assert await PostgresAccountStore(house.pool).credentials(house.company.domain, "1001")


async def test_without_a_password_a_login_of_just_now_is_the_proof_and_an_app_once_there_is_one(house: House) -> None:
    async with connection(house.pool) as conn:
        await conn.execute("UPDATE users SET password_hash = NULL WHERE domain_id = $1", house.company.domain)
    token = await start_session(house.pool, house.company, house.anna, now=house.clock.now)
    caller = await house.accounts.caller_of(token)
    nothing = Proof()
    other = await house.accounts.caller_of(
        await start_session(house.pool, house.company, await house.company.add("1002"), now=house.clock.now)
    )
    for elses in (house.caller, msgspec.structs.replace(caller, session=other.session)):
        with pytest.raises(NoProof) as refused:
            await house.factors.begin(elses, nothing, house.client)
        assert refused.value.field == "login"
    house.clock.turn(LOGIN_PROVES)
    app = App((await house.factors.begin(caller, nothing, house.client)).secret)
    house.clock.turn(timedelta(seconds=1))
    with pytest.raises(NoProof) as refused:
        await house.factors.begin(caller, nothing, house.client)
    assert refused.value.field == "login"
    codes = (await house.factors.confirm(caller, app.code(house.clock.now), house.client)).codes
    fresh = await house.accounts.caller_of(
        await start_session(house.pool, house.company, house.anna, now=house.clock.now)
    )
    with pytest.raises(NoProof) as refused:
        await house.factors.turn_off(fresh, nothing, house.client)
    assert refused.value.field == "code"
    await house.factors.turn_off(fresh, Proof(code=codes[0]), house.client)


async def test_with_a_password_a_login_of_just_now_proves_nothing(house: House) -> None:
    caller = await house.accounts.caller_of(
        await start_session(house.pool, house.company, house.anna, now=house.clock.now)
    )
    with pytest.raises(NoProof) as refused:
        await house.factors.begin(caller, Proof(), house.client)
    assert refused.value.field == "password"
