"""Tokens of portals with their own login: what lets in, what does not, and each once."""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey
from redis.asyncio import Redis
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from accounts.entering import SessionStarter
from accounts.errors import MayNotLogIn
from accounts.factors.sealing import Seal
from accounts.model import AuditLine
from accounts.service import AccountService
from accounts.single_sign_on.errors import HandOverRefused
from accounts.single_sign_on.model import HandOverIssuer, Names, PendingSignOn
from accounts.single_sign_on.service import SignOnService
from accounts.single_sign_on.tokens import BadKeys, keys_of_address, public_keys
from storage.postgres.accounts import PostgresAccountStore
from storage.postgres.pool import Pool, connection
from storage.postgres.single_sign_on import PostgresSignOnStore
from storage.redis import keys
from storage.redis.begin_throttle import RedisBeginThrottle
from storage.redis.bus import RedisBus
from storage.redis.kept_once import RedisOnce
from tests.support.accounts import TurnableClock, make_account_service
from tests.support.company import Company
from tests.support.serving import serving
from web.json_reader import JsonReader, read_keys
from web.openid import OpenIdProviders
from wire.http import LoggedIn
from wire.identity import DomainId, UserId
from wire.operations import Client
from wire.security import HandOver

ISSUER = "https://portal.example"
CLIENT = Client("203.0.113.9", "a portal")
KEY = ECKey.generate_key("P-256")
OF_NOBODY = AuditLine(at=datetime.now(UTC), user=None, operator=None, action="test", target="test")


class House:
    def __init__(
        self, pool: Pool, company: Company, service: SignOnService, accounts: AccountService, clock: TurnableClock
    ) -> None:
        self.pool, self.company, self.service, self.accounts, self.clock = pool, company, service, accounts, clock

    @property
    def now(self) -> datetime:
        return self.clock.now

    async def trust(self, names: Names = Names.LOGIN, key: Any = KEY, domain: DomainId | None = None) -> None:
        line = HandOverIssuer(
            domain=domain or self.company.domain,
            issuer=ISSUER,
            keys=public_keys(msgspec.json.encode(key.as_dict(private=False))),
            names=names,
        )
        await PostgresSignOnStore(self.pool).set_hand_over_issuer(line, OF_NOBODY)

    def token(self, key: Any = KEY, algorithm: str = "ES256", **claims: Any) -> str:
        now = int(self.now.timestamp())
        told = {
            "iss": ISSUER,
            "aud": self.company.domain,
            "sub": "anna",
            "iat": now,
            "exp": now + 60,
            "jti": secrets.token_hex(8),
            **claims,
        }
        return jwt.encode({"alg": algorithm}, {name: each for name, each in told.items() if each is not None}, key)

    async def enter(self, token: str, *, bearer: bool = False) -> tuple[UserId, LoggedIn]:
        given = HandOver(domain=self.company.domain.upper(), token=token, bearer=bearer)
        session_token, logged_in = await self.service.hand_over(given, CLIENT)
        return (await self.accounts.caller_of(session_token)).user, logged_in


@pytest.fixture
async def house(pool: Pool, redis: Redis, bus: RedisBus) -> AsyncIterator[House]:
    clock, store = TurnableClock(), PostgresAccountStore(pool)
    reader = JsonReader("test")
    service = SignOnService(
        PostgresSignOnStore(pool),
        RedisOnce(redis, PendingSignOn, keys.pending_sign_on),
        OpenIdProviders(reader),
        store,
        SessionStarter(store, clock),
        RedisBeginThrottle(redis),
        Seal(),
        reader,
        "https://chat.example",
        clock,
    )
    company = await Company.make(pool)
    yield House(pool, company, service, make_account_service(pool, redis, bus, clock=clock), clock)
    await reader.close()


@pytest.mark.parametrize(
    ("names", "subject"),
    [(Names.LOGIN, "Anna"), (Names.EXTENSION, "1001"), (Names.EMAIL, "Anna@acme.test")],
)
async def test_a_user_is_handed_over_by_the_name_that_was_agreed(house: House, names: Names, subject: str) -> None:
    anna = await house.company.add("1001", login_name="anna", emails=["anna@acme.test"])
    await house.trust(names)
    user, logged_in = await house.enter(house.token(sub=subject))
    assert (user, logged_in.token) == (anna, None)
    user, logged_in = await house.enter(house.token(sub=subject), bearer=True)
    assert user == anna
    assert logged_in.token is not None


async def test_a_token_is_good_once_also_for_several_at_the_same_moment(house: House) -> None:
    await house.company.add("1001", login_name="anna")
    await house.trust()
    token = house.token()
    results = await asyncio.gather(*(house.enter(token) for _ in range(4)), return_exceptions=True)
    assert sum(isinstance(result, tuple) for result in results) == 1
    assert sum(isinstance(result, HandOverRefused) for result in results) == 3
    await house.enter(house.token())


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "another.test"},
        {"aud": None},
        {"iss": "https://evil.test"},
        {"iss": None},
        {"exp": 1_700_000_000},
        {"exp": None},
        {"iat": None},
        {"exp": int(TurnableClock().now.timestamp()) + 3_600},
        {"iat": int(TurnableClock().now.timestamp()) + 600, "exp": int(TurnableClock().now.timestamp()) + 660},
        {"nbf": int(TurnableClock().now.timestamp()) + 600},
        {"jti": None},
        {"jti": ""},
        {"jti": "x" * 257},
        {"jti": 7},
        {"sub": None},
        {"sub": "nobody"},
        {"sub": 1001},
    ],
    ids=lambda claims: " ".join(claims),
)
async def test_a_token_that_is_not_for_us_and_now_lets_nobody_in(house: House, claims: dict[str, Any]) -> None:
    await house.company.add("1001", login_name="anna")
    await house.trust()
    with pytest.raises(HandOverRefused):
        await house.enter(house.token(**claims))


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "e30.e30.e30", "e30.e30.", "..", "é.é.é", "a" * 8_000])
async def test_what_is_no_token_lets_nobody_in(house: House, token: str) -> None:
    await house.trust()
    with pytest.raises(HandOverRefused):
        await house.enter(token)


async def test_a_token_that_somebody_else_signed_lets_nobody_in(house: House) -> None:
    await house.company.add("1001", login_name="anna")
    await house.trust()
    with pytest.raises(HandOverRefused):
        await house.enter(house.token(ECKey.generate_key("P-256")))
    secret = OctKey.import_key({"kty": "oct", "k": "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3JldA"})
    with pytest.raises(HandOverRefused):
        await house.enter(house.token(secret, "HS256"))


async def test_an_issuer_opens_the_domains_that_named_it_and_no_other(house: House, pool: Pool) -> None:
    await house.company.add("1001", login_name="anna")
    with pytest.raises(HandOverRefused):
        await house.enter(house.token())
    rivals = await Company.make(pool)
    await rivals.add("1001", login_name="anna")
    await house.trust(domain=rivals.domain)
    with pytest.raises(HandOverRefused):
        await house.enter(house.token())
    with pytest.raises(HandOverRefused):
        await house.enter(house.token(aud=rivals.domain))
    await house.trust()
    with pytest.raises(HandOverRefused):
        await house.enter(house.token(aud=rivals.domain))
    await house.enter(house.token())


@pytest.mark.parametrize("change", ["disabled = true", "scope = 0"])
async def test_who_may_not_log_in_is_not_handed_over_either(house: House, change: str) -> None:
    await house.company.add("1001", login_name="anna")
    await house.trust()
    async with connection(house.pool) as conn:
        await conn.execute(f"UPDATE users SET {change} WHERE domain_id = $1", house.company.domain)  # noqa: S608 - ours
    with pytest.raises(MayNotLogIn):
        await house.enter(house.token())


async def test_used_tokens_are_forgotten_once_they_are_too_old_anyway(house: House, pool: Pool) -> None:
    await house.company.add("1001", login_name="anna")
    await house.trust()
    store, now = PostgresSignOnStore(pool), datetime.fromtimestamp(int(time.time()), UTC)
    old = now.replace(year=now.year - 1)
    assert await store.use_token(house.company.domain, ISSUER, b"o" * 32, old, old)
    assert await store.use_token(house.company.domain, ISSUER, b"n" * 32, now, now)
    async with connection(pool) as conn:
        kept = await conn.fetchval("SELECT count(*) FROM hand_over_tokens WHERE domain_id = $1", house.company.domain)
    assert kept == 1


async def test_what_was_used_is_not_good_again_after_a_clock_was_ahead_for_a_moment(house: House, pool: Pool) -> None:
    await house.trust()
    store, now = PostgresSignOnStore(pool), house.now
    until, ahead = now + timedelta(seconds=120), now + timedelta(hours=1)
    assert await store.use_token(house.company.domain, ISSUER, b"a" * 32, until, now)
    assert await store.use_token(house.company.domain, ISSUER, b"b" * 32, ahead + timedelta(seconds=120), ahead)
    assert not await store.use_token(house.company.domain, ISSUER, b"a" * 32, until, now)


@pytest.mark.parametrize("minutes", [-60, 60])
async def test_a_token_of_a_portal_whose_clock_is_another_is_refused_and_taken_again_when_it_is_right(
    house: House, minutes: int
) -> None:
    await house.company.add("1001", login_name="anna")
    await house.trust()
    issued = int((house.now + timedelta(minutes=minutes)).timestamp())
    with pytest.raises(HandOverRefused):
        await house.enter(house.token(iat=issued, exp=issued + 60))
    near = int(house.now.timestamp()) + (50 if minutes > 0 else -50)
    await house.enter(house.token(iat=near, exp=near + 60))


def test_public_keys_are_taken_as_a_set_as_one_and_as_pem_and_others_are_refused() -> None:
    rsa = RSAKey.generate_key(2_048)
    as_set = msgspec.json.encode({"keys": [KEY.as_dict(private=False), rsa.as_dict(private=False)]})
    assert len(msgspec.json.decode(public_keys(as_set))["keys"]) == 2
    for text in (msgspec.json.encode(KEY.as_dict(private=False)), rsa.as_pem(private=False), KEY.as_pem(private=False)):
        [key] = msgspec.json.decode(public_keys(text))["keys"]
        assert "d" not in key
    secret = msgspec.json.encode({"kty": "oct", "k": "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3JldA"})
    for text in (msgspec.json.encode(KEY.as_dict(private=True)), rsa.as_pem(private=True), secret, b"{}", b"nonsense"):
        with pytest.raises(BadKeys):
            public_keys(text)


# ---------------------------------------------------------------- keys that are read at an address


class Address:
    """A portal's address with its keys. `told`: what it answers; None: it fails."""

    def __init__(self) -> None:
        self.told: dict[str, Any] | None = {}
        self.asked = 0
        self.url = ""

    def has(self, *keys: ECKey) -> None:
        self.told = {"keys": [each.as_dict(private=False) for each in keys]}

    async def answer(self, _request: Request) -> Response:
        self.asked += 1
        return Response(status_code=503) if self.told is None else JSONResponse(self.told)


@pytest.fixture
async def address() -> AsyncIterator[Address]:
    made = Address()
    async with serving(Starlette(routes=[Route("/keys", made.answer)])) as url:
        made.url = f"{url}/keys"
        yield made


def named(kid: str) -> ECKey:
    return ECKey.generate_key("P-256", {"kid": kid}, auto_kid=False)


async def trust_address(house: House, address: Address, key: ECKey) -> None:
    """As the command line does, which reads the keys at once."""
    address.has(key)
    line = HandOverIssuer(
        domain=house.company.domain,
        issuer=ISSUER,
        keys=keys_of_address(address.told or {}),
        names=Names.LOGIN,
        keys_url=address.url,
        keys_read_at=house.now,
    )
    await PostgresSignOnStore(house.pool).set_hand_over_issuer(line, OF_NOBODY)


def signed_by(house: House, key: ECKey, kid: str) -> str:
    now = int(house.now.timestamp())
    claims = {"iss": ISSUER, "aud": house.company.domain, "sub": "anna", "iat": now, "exp": now + 60}
    return jwt.encode({"alg": "ES256", "kid": kid}, {**claims, "jti": secrets.token_hex(8)}, key)


async def test_a_key_that_is_new_at_the_address_counts_as_soon_as_a_token_names_it(
    house: House, address: Address
) -> None:
    await house.company.add("1001", login_name="anna")
    first, second = named("first"), named("second")
    await trust_address(house, address, first)
    await house.enter(signed_by(house, first, "first"))
    assert address.asked == 0, "these were known"
    address.has(first, second)
    both = [house.enter(signed_by(house, key, kid)) for key, kid in ((second, "second"), (second, "second"))]
    await asyncio.gather(*both)
    assert address.asked == 1, "who comes meanwhile waits for the answer"
    await house.enter(signed_by(house, first, "first"))


async def test_tokens_that_name_keys_which_nobody_has_ask_the_address_once_a_minute(
    house: House, address: Address
) -> None:
    await house.company.add("1001", login_name="anna")
    key = named("known")
    await trust_address(house, address, key)
    for minute in (1, 2):
        for made_up in range(5):
            with pytest.raises(HandOverRefused):
                await house.enter(signed_by(house, named("x"), f"made up {made_up}"))
        await house.enter(signed_by(house, key, "known"))
        assert address.asked == minute
        house.clock.turn(timedelta(seconds=61))


async def test_while_the_address_does_not_answer_the_keys_from_before_count(house: House, address: Address) -> None:
    await house.company.add("1001", login_name="anna")
    key = named("key")
    without: list[dict[str, Any] | None] = [{"keys": []}, {"keys": "none"}, {"keys": [{"kty": "oct", "k": "eA"}]}, None]
    await trust_address(house, address, key)
    for asked, told in enumerate(without, 1):
        address.told = told
        house.clock.turn(timedelta(hours=2))
        await house.enter(signed_by(house, key, "key"))
        assert address.asked == asked


async def test_a_key_that_is_gone_from_the_address_counts_for_an_hour_at_most(house: House, address: Address) -> None:
    await house.company.add("1001", login_name="anna")
    old, new = named("old"), named("new")
    await trust_address(house, address, old)
    address.told = {"keys": [{"kty": "of the future"}, new.as_dict(private=False)]}
    house.clock.turn(timedelta(minutes=59))
    await house.enter(signed_by(house, old, "old"))
    house.clock.turn(timedelta(minutes=2))
    with pytest.raises(HandOverRefused):
        await house.enter(signed_by(house, old, "old"))
    await house.enter(signed_by(house, new, "new"))


async def test_an_answer_that_is_too_large_is_no_set_of_keys() -> None:
    async def answer(_request: Request) -> Response:
        return Response(b" " * 2_000_000 + b'{"keys": []}')

    async with serving(Starlette(routes=[Route("/keys", answer)])) as url:
        with pytest.raises(BadKeys, match="without end"):
            await read_keys(f"{url}/keys")


async def test_keys_that_were_read_are_kept_for_the_portal_and_the_address_that_gave_them(
    house: House, address: Address, pool: Pool
) -> None:
    rivals, store = await Company.make(pool), PostgresSignOnStore(pool)
    await trust_address(house, address, named("first"))
    mine = await store.hand_over_issuer(house.company.domain, ISSUER)
    assert mine is not None
    theirs = msgspec.structs.replace(mine, domain=rivals.domain)
    await store.set_hand_over_issuer(theirs, OF_NOBODY)
    read, later = public_keys(msgspec.json.encode(KEY.as_dict(private=False))), house.now + timedelta(minutes=5)
    await store.keep_issuer_keys(mine, read, later)
    assert await store.hand_over_issuer(rivals.domain, ISSUER) == theirs
    kept = await store.hand_over_issuer(house.company.domain, ISSUER)
    assert kept == msgspec.structs.replace(mine, keys=read, keys_read_at=later)
    # An operator has named another address meanwhile: what the old one says does not count any more.
    await store.set_hand_over_issuer(msgspec.structs.replace(mine, keys_url="https://portal.example/new"), OF_NOBODY)
    await store.keep_issuer_keys(mine, read, later)
    newest = await store.hand_over_issuer(house.company.domain, ISSUER)
    assert newest is not None
    assert newest.keys == mine.keys
