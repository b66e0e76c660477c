"""Passkeys: made, used alone and beside a password, removed; and what of them is refused."""

import asyncio
import json
import secrets
from collections.abc import Callable

import pytest
from redis.asyncio import Redis

from accounts.entering import PasswordCheck, SessionStarter
from accounts.errors import MayNotLogIn, TooManyBegun
from accounts.factors.checking import CodeCheck
from accounts.factors.errors import LoginOver, NoProof
from accounts.factors.model import PendingLogin
from accounts.factors.sealing import Seal
from accounts.factors.second_step import SecondStepService
from accounts.factors.service import FactorService
from accounts.passkeys.ceremonies import place_of
from accounts.passkeys.errors import (
    NoPasskeysHere,
    NotYourPasskeys,
    PasskeyGone,
    PasskeyKnown,
    PasskeyOver,
    TooManyPasskeys,
    WrongPasskey,
)
from accounts.passkeys.model import PasskeyId, PendingPasskey
from accounts.passkeys.service import MOST_PASSKEYS, PasskeyService
from accounts.passkeys.using import PasskeyUse
from accounts.passwords import Passwords
from storage.postgres.accounts import PostgresAccountStore
from storage.postgres.factors import PostgresFactorStore
from storage.postgres.passkeys import PostgresPasskeyStore
from storage.postgres.pool import Pool, connection
from storage.redis import keys
from storage.redis.begin_throttle import BEGUN_FROM_ONE_NETWORK, RedisBeginThrottle
from storage.redis.bus import RedisBus
from storage.redis.code_throttle import RedisCodeThrottle
from storage.redis.kept_once import RedisOnce
from storage.redis.login_throttle import RedisLoginThrottle
from tests.support.accounts import PASSWORD, CountingHasher, TurnableClock, hash_of, make_account_service
from tests.support.authenticator import PRESENT, Authenticator
from tests.support.company import Company
from wire.errors import SecondFactorRequired
from wire.http import LoginRequest
from wire.identity import Caller, Scope, UserId
from wire.networks import network_of
from wire.operations import Client
from wire.security import NewPasskey, OwnPasskey, PasskeyLogin, Proof, SecondStep

ADDRESS = "https://chat.example"
BY_PASSWORD = Proof(password=PASSWORD)


class House:
    def __init__(self, pool: Pool, redis: Redis, bus: RedisBus, company: Company, anna: UserId, address: str) -> None:
        self.pool, self.company, self.anna = pool, company, anna
        clock = TurnableClock()
        accounts, store, passkeys = PostgresAccountStore(pool), PostgresFactorStore(pool), PostgresPasskeyStore(pool)
        check = PasswordCheck(accounts, RedisLoginThrottle(redis), Passwords(CountingHasher()))
        codes = CodeCheck(store, RedisCodeThrottle(redis), Seal(), clock)
        factors = FactorService(store, accounts, check, codes, Seal(), clock)
        use, starter = PasskeyUse(passkeys, place_of(address), clock), SessionStarter(accounts, clock)
        pending = RedisOnce(redis, PendingLogin, keys.pending_login)
        self.second = SecondStepService(pending, store, accounts, codes, factors, use, starter, clock)
        challenges = RedisOnce(redis, PendingPasskey, keys.pending_passkey)
        self.passkeys = PasskeyService(
            passkeys, challenges, use, factors, accounts, starter, RedisBeginThrottle(redis), clock
        )
        self.accounts = make_account_service(pool, redis, bus, clock=clock, second_step=self.second)
        self.client = Client(f"2001:db8:{secrets.token_hex(2)}:{secrets.token_hex(2)}::1", "a browser")
        self.caller: Caller = company.caller(anna)

    async def add(self, authenticator: Authenticator, caller: Caller | None = None) -> OwnPasskey:
        begun = await self.passkeys.begin(caller or self.caller, BY_PASSWORD, self.client)
        new = NewPasskey(token=begun.token, name=" My laptop ", passkey=authenticator.make(begun.options))
        return await self.passkeys.add(caller or self.caller, new)

    async def enter(self, authenticator: Authenticator, domain: str = "") -> UserId:
        begun = await self.passkeys.ask(domain or self.company.domain, self.client)
        login = PasskeyLogin(token=begun.token, passkey=authenticator.use(begun.options))
        token, _ = await self.passkeys.enter(login, self.client)
        return (await self.accounts.caller_of(token)).user

    async def require(self) -> None:
        async with connection(self.pool) as conn:
            await conn.execute(
                "UPDATE domains SET second_factor_required = true WHERE domain_id = $1", self.company.domain
            )

    async def password_step(self) -> SecondFactorRequired:
        request = LoginRequest(login=f"1001@{self.company.domain}", password=PASSWORD)
        with pytest.raises(SecondFactorRequired) as required:
            await self.accounts.login(request, self.client)
        return required.value


@pytest.fixture
def made(pool: Pool, redis: Redis, bus: RedisBus) -> Callable[..., House]:
    return lambda company, anna, address=ADDRESS: House(pool, redis, bus, company, anna, address)


@pytest.fixture
async def house(pool: Pool, made: Callable[..., House]) -> House:
    company = await Company.make(pool)
    return made(company, await company.add("1001", password_hash=await hash_of()))


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("https://chat.example", "chat.example"),
        ("https://chat.example:8443/", "chat.example"),
        ("http://localhost:8000", "localhost"),
        ("http://chat.example", None),
        ("http://127.0.0.1:8000", None),
        ("https://[::1]", None),
        ("", None),
    ],
)
def test_passkeys_need_a_name_and_a_safe_way_to_it(address: str, host: str | None) -> None:
    place = place_of(address)
    assert (place.host if place else None) == host


async def test_a_passkey_alone_lets_its_user_in(house: House) -> None:
    laptop = Authenticator()
    added = await house.add(laptop)
    assert (added.name, added.used_at) == ("My laptop", None)
    assert await house.enter(laptop) == house.anna
    assert await house.enter(laptop, house.company.domain.upper()) == house.anna
    mine = await house.passkeys.mine(house.caller)
    assert mine.available
    assert [(each.passkey, each.used_at is not None) for each in mine.items] == [(added.passkey, True)]
    await house.accounts.login(LoginRequest(login=f"1001@{house.company.domain}", password=PASSWORD), house.client)


async def test_what_a_browser_is_asked_names_nobody_and_wants_the_user_verified(house: House) -> None:
    laptop = Authenticator()
    making = json.loads((await house.passkeys.begin(house.caller, BY_PASSWORD, house.client)).options)
    assert making["rp"]["id"] == "chat.example"
    wanted = making["authenticatorSelection"]
    assert (wanted["residentKey"], wanted["userVerification"]) == ("required", "required")
    await house.add(laptop)
    again = json.loads((await house.passkeys.begin(house.caller, BY_PASSWORD, house.client)).options)
    assert len(again["excludeCredentials"]) == 1
    assert again["user"]["id"] == making["user"]["id"]
    for domain in (house.company.domain, "nowhere.test"):
        using = json.loads((await house.passkeys.ask(domain, house.client)).options)
        assert (using.get("allowCredentials", []), using["userVerification"]) == ([], "required")


@pytest.mark.parametrize(
    "wrong",
    [
        {"origin": "https://evil.test"},
        {"origin": "https://chat.example.evil.test"},
        {"host": "evil.test"},
        {"flags": PRESENT},
        {"flags": 0},
    ],
    ids=["another page", "a look-alike", "bound to another name", "nobody verified", "nobody there"],
)
async def test_an_answer_from_elsewhere_or_without_its_user_is_refused(house: House, wrong: dict[str, object]) -> None:
    with pytest.raises(WrongPasskey):
        await house.add(Authenticator(**wrong))  # type: ignore[arg-type]
    laptop = Authenticator()
    await house.add(laptop)
    for name, value in wrong.items():
        setattr(laptop, name, value)
    with pytest.raises(WrongPasskey):
        await house.enter(laptop)


@pytest.mark.parametrize("answer", ["{}", "[]", "nonsense", '{"id":"a","rawId":"a","type":"public-key","response":{}}'])
async def test_what_is_no_answer_is_refused(house: House, answer: str) -> None:
    with pytest.raises(WrongPasskey):
        await house.passkeys.enter(
            PasskeyLogin(token=(await house.passkeys.ask(house.company.domain, house.client)).token, passkey=answer),
            house.client,
        )
    begun = await house.passkeys.begin(house.caller, BY_PASSWORD, house.client)
    with pytest.raises(WrongPasskey):
        await house.passkeys.add(house.caller, NewPasskey(token=begun.token, name="x", passkey=answer))


async def test_an_answer_is_good_once_and_for_its_own_question_only(house: House) -> None:
    laptop = Authenticator()
    await house.add(laptop)
    begun = await house.passkeys.ask(house.company.domain, house.client)
    login = PasskeyLogin(token=begun.token, passkey=laptop.use(begun.options))
    results = await asyncio.gather(
        *(house.passkeys.enter(login, house.client) for _ in range(3)), return_exceptions=True
    )
    assert sum(isinstance(result, tuple) for result in results) == 1
    assert sum(isinstance(result, PasskeyOver) for result in results) == 2
    another = await house.passkeys.ask(house.company.domain, house.client)
    with pytest.raises(WrongPasskey):
        await house.passkeys.enter(PasskeyLogin(token=another.token, passkey=login.passkey), house.client)


async def test_a_question_to_make_one_is_not_one_to_get_in_and_of_its_user_only(house: House) -> None:
    laptop, ben = Authenticator(), house.company.caller(await house.company.add("1002"))
    await house.add(laptop)
    making = await house.passkeys.begin(house.caller, BY_PASSWORD, house.client)
    with pytest.raises(PasskeyOver):
        await house.passkeys.enter(PasskeyLogin(token=making.token, passkey=laptop.use(making.options)), house.client)
    making = await house.passkeys.begin(house.caller, BY_PASSWORD, house.client)
    new = NewPasskey(token=making.token, name="x", passkey=Authenticator().make(making.options))
    with pytest.raises(PasskeyOver):
        await house.passkeys.add(ben, new)
    using = await house.passkeys.ask(house.company.domain, house.client)
    with pytest.raises(PasskeyOver):
        await house.passkeys.add(
            house.caller, NewPasskey(token=using.token, name="x", passkey=Authenticator().make(using.options))
        )


async def test_a_copy_of_an_authenticator_that_counts_is_found(house: House) -> None:
    laptop = Authenticator()
    await house.add(laptop)
    copy = Authenticator(credential=laptop.credential, key=laptop.key)
    await house.enter(laptop)
    await house.enter(laptop)
    with pytest.raises(WrongPasskey):
        await house.enter(copy)


async def test_passkeys_of_others_and_of_other_domains_let_nobody_in(
    house: House, made: Callable[..., House], pool: Pool
) -> None:
    laptop = Authenticator()
    await house.add(laptop)
    rivals = await Company.make(pool)
    theirs = made(rivals, await rivals.add("1001", password_hash=await hash_of()))
    with pytest.raises(WrongPasskey):
        await theirs.enter(laptop)
    with pytest.raises(WrongPasskey):
        await house.enter(Authenticator(credential=laptop.credential))
    begun = await house.passkeys.ask(house.company.domain, house.client)
    crossed = begun.token.replace(house.company.domain, rivals.domain)
    with pytest.raises(PasskeyOver):
        await house.passkeys.enter(PasskeyLogin(token=crossed, passkey=laptop.use(begun.options)), house.client)


async def test_where_a_second_factor_is_needed_a_passkey_is_one(house: House) -> None:
    laptop, stranger = Authenticator(), Authenticator()
    await house.add(laptop)
    ben = await house.company.add("1002", password_hash=await hash_of())
    await house.add(stranger, house.company.caller(ben))
    await house.require()
    required = await house.password_step()
    assert required.methods == ["passkey"]
    asked = await house.second.ask_for_passkey(required.token)
    assert len(json.loads(asked.options)["allowCredentials"]) == 1
    others = SecondStep(token=required.token, passkey=stranger.use(asked.options))
    with pytest.raises(WrongPasskey):
        await house.second.finish(others, house.client)
    answer = laptop.use(asked.options)
    token, _ = await house.second.finish(SecondStep(token=required.token, passkey=answer), house.client)
    assert (await house.accounts.caller_of(token)).user == house.anna
    with pytest.raises(LoginOver):
        await house.second.finish(SecondStep(token=required.token, passkey=answer), house.client)


async def test_without_having_asked_no_passkey_finishes_a_login(house: House) -> None:
    laptop = Authenticator()
    await house.add(laptop)
    await house.require()
    elsewhere = await house.passkeys.ask(house.company.domain, house.client)
    required = await house.password_step()
    step = SecondStep(token=required.token, passkey=laptop.use(elsewhere.options))
    with pytest.raises(WrongPasskey):
        await house.second.finish(step, house.client)
    empty = SecondStep(token=required.token, passkey=laptop.use('{"challenge": ""}'))
    with pytest.raises(WrongPasskey):
        await house.second.finish(empty, house.client)


async def test_passkeys_are_changed_only_by_who_shows_to_be_the_user(house: House) -> None:
    laptop = Authenticator()
    added = PasskeyId((await house.add(laptop)).passkey)
    for proof in (Proof(), Proof(password="Wrong123"), Proof(code="123456")):
        with pytest.raises(NoProof):
            await house.passkeys.begin(house.caller, proof, house.client)
        with pytest.raises(NoProof):
            await house.passkeys.remove(house.caller, added, proof, house.client)
    ben = house.company.caller(await house.company.add("1002", password_hash=await hash_of()))
    with pytest.raises(PasskeyGone):
        await house.passkeys.remove(ben, added, BY_PASSWORD, house.client)
    mask = house.company.caller(house.anna, operator=await house.company.add("1051", scope=Scope.OFFICE_MANAGER))
    with pytest.raises(NotYourPasskeys):
        await house.passkeys.mine(mask)
    with pytest.raises(NotYourPasskeys):
        await house.passkeys.remove(mask, added, BY_PASSWORD, house.client)
    assert await house.enter(laptop) == house.anna
    await house.passkeys.remove(house.caller, added, BY_PASSWORD, house.client)
    with pytest.raises(WrongPasskey):
        await house.enter(laptop)
    async with connection(house.pool) as conn:
        lines = await conn.fetch(
            "SELECT action FROM audit WHERE domain_id = $1 ORDER BY audit_id", house.company.domain
        )
    assert [line["action"] for line in lines] == ["passkey.added", "passkey.removed"]


async def test_there_is_an_end_to_passkeys_and_each_is_added_once(house: House) -> None:
    first = Authenticator()
    await house.add(first)
    with pytest.raises(PasskeyKnown):
        await house.add(first)
    for _ in range(MOST_PASSKEYS - 1):
        await house.add(Authenticator())
    with pytest.raises(TooManyPasskeys):
        await house.add(Authenticator())


@pytest.mark.parametrize("change", ["disabled = true", "scope = 0"])
async def test_who_may_not_log_in_may_not_by_passkey_either(house: House, change: str) -> None:
    laptop = Authenticator()
    await house.add(laptop)
    async with connection(house.pool) as conn:
        await conn.execute(f"UPDATE users SET {change} WHERE domain_id = $1", house.company.domain)  # noqa: S608 - ours
    with pytest.raises(MayNotLogIn):
        await house.enter(laptop)


async def test_nobody_begins_without_end(house: House, redis: Redis) -> None:
    await house.passkeys.ask(house.company.domain, house.client)
    await redis.set(keys.logins_begun(network_of(house.client.address)), BEGUN_FROM_ONE_NETWORK, ex=300)
    with pytest.raises(TooManyBegun) as refused:
        await house.passkeys.ask(house.company.domain, house.client)
    assert refused.value.retry_after is not None
    assert 0 < refused.value.retry_after <= 300
    await house.passkeys.ask(house.company.domain, Client("203.0.113.77"))


async def test_where_there_can_be_none_that_is_said(made: Callable[..., House], house: House) -> None:
    bare = made(house.company, house.anna, "http://127.0.0.1:8000")
    assert not (await bare.passkeys.mine(house.caller)).available
    with pytest.raises(NoPasskeysHere):
        await bare.passkeys.begin(house.caller, BY_PASSWORD, house.client)
    with pytest.raises(NoPasskeysHere):
        await bare.passkeys.ask(house.company.domain, house.client)
