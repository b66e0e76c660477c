"""What the administration of companies, users and keys needs kept: each change whole, in its own domain only."""

import secrets
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from redis.asyncio import Redis

from accounts.administration.model import NewAdministrationKey
from accounts.administration.scopes import AdministrationScope
from accounts.administration.store import AdministrationKeyStore
from accounts.domains.errors import DomainOnItsWayOut
from accounts.domains.model import Domain
from accounts.domains.store import DomainStore, LiveState
from accounts.model import AuditLine
from accounts.users.errors import ExtensionTaken, LoginNameTaken
from accounts.users.model import NewUser
from accounts.users.store import UserStore
from storage.postgres.administration import PostgresAdministrationKeyStore
from storage.postgres.domains import PostgresDomainStore
from storage.postgres.pool import Pool, connection
from storage.postgres.users import PostgresUserStore
from storage.redis.forgetting import RedisLiveState
from tests.support.company import Company
from tests.support.masks import start_session
from wire.errors import NotFound
from wire.identity import NOBODY, DomainId, Extension, Scope, UserId

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)


def line(action: str = "test", target: str = "test") -> AuditLine:
    return AuditLine(at=NOW, user=NOBODY, operator=None, action=action, target=target, key="scripts")


async def audit_of(pool: Pool, domain: DomainId) -> list[tuple[str, str]]:
    async with connection(pool) as conn:
        rows = await conn.fetch("SELECT action, key FROM audit WHERE domain_id = $1 ORDER BY audit_id", domain)
    return [(row["action"], row["key"]) for row in rows]


# ------------------------------------------------------------ domains


async def test_a_domain_is_added_once_and_changed_from_what_it_was(apart_pool: Pool) -> None:
    store: DomainStore = PostgresDomainStore(apart_pool)
    wanted = Domain(domain=DomainId(f"{secrets.token_hex(6)}.test"), name="Acme", country="CH", retention_days=30)
    assert await store.add(wanted, line("added"))
    assert not await store.add(msgspec.structs.replace(wanted, name="Other"), line("added again"))
    assert await store.domain(wanted.domain) == wanted
    changed = msgspec.structs.replace(wanted, ringing_is_busy=True, retention_days=None)
    assert await store.change(wanted, changed, line("changed"))
    assert not await store.change(wanted, changed, line("changed from something old"))
    assert await store.domain(wanted.domain) == changed
    assert await audit_of(apart_pool, wanted.domain) == [("added", "scripts"), ("changed", "scripts")]


async def test_a_closed_domain_lets_nobody_in_and_goes_in_steps_while_another_stays(
    apart_pool: Pool, redis: Redis
) -> None:
    store: DomainStore = PostgresDomainStore(apart_pool)
    company, other = await Company.make(apart_pool, sites=["North"]), await Company.make(apart_pool)
    for each in (company, other):
        await start_session(apart_pool, each, await each.add("1001", site="North" if each is company else None))
        await each.add("1002")
    assert await store.close(company.domain) == 2
    assert await store.close(company.domain) is None
    assert (await store.domain(company.domain), company.domain in await store.closed()) == (None, True)
    assert company.domain not in {each.domain for each in await store.domains()}
    with pytest.raises(DomainOnItsWayOut):
        await store.add(Domain(domain=company.domain), line())
    with pytest.raises(NotFound):
        await company.add("1003")
    async with connection(apart_pool) as conn:
        assert not await conn.fetchval("SELECT count(*) FROM sessions WHERE domain_id = $1", company.domain)
        assert await conn.fetchval("SELECT bool_and(disabled) FROM users WHERE domain_id = $1", company.domain)
    steps = 1
    while await store.delete_some(company.domain):
        steps += 1
    assert steps > 1
    assert not await store.delete_some(company.domain), "several gateways may be at it"
    assert company.domain not in await store.closed()
    kept = await store.domain(other.domain)
    assert (kept and kept.users, await store.close(other.domain)) == (2, 2)


async def test_everything_live_of_a_domain_is_forgotten_and_nothing_of_one_that_is_called_alike(redis: Redis) -> None:
    live: LiveState = RedisLiveState(redis)
    name = f"{secrets.token_hex(6)}.test"
    mine = [f"p:{{{name}}}:meta", f"t:{{{name}}}:x", f"l:{{{name}}}:y"]
    others = [f"p:{{x{name}}}:meta", f"p:{{{name}x}}:meta", f"p:{{{name.replace('.', '-')}}}:meta"]
    for key in mine + others:
        await redis.set(key, "x", ex=60)
    assert await live.forget(DomainId(name)) == 3
    assert await redis.exists(*mine) == 0
    assert await redis.exists(*others) == 3


# ------------------------------------------------------------ users


async def test_users_are_added_together_or_not_at_all(pool: Pool) -> None:
    store: UserStore = PostgresUserStore(pool)
    company, other = await Company.make(pool), await Company.make(pool)
    await other.add("1001")
    new = [NewUser(extension="1001", first_name="Anna", emails=("a@a.test",)), NewUser(extension="1002")]
    added = await store.add(company.domain, new, lambda user, _: line("user.added", f"user:{user}"))
    assert (list(added.users), added.directory_rev) == ([1, 2], 2)
    assert len(await audit_of(pool, company.domain)) == 2
    for wrong, refusal in (
        (NewUser(extension="1002"), ExtensionTaken),
        (NewUser(extension="1009", login_name="1001"), LoginNameTaken),
    ):
        with pytest.raises(refusal):
            await store.add(company.domain, [NewUser(extension="1003"), wrong], lambda *_: line())
    assert await store.by_extension(company.domain, Extension("1003")) is None
    anna = await store.by_extension(company.domain, Extension("1001"))
    assert anna is not None
    assert (anna.first_name, [each.email for each in anna.emails]) == ("Anna", ["a@a.test"])
    assert await store.taken(other.domain) == (["1001"], ["1001"])


async def test_an_account_is_changed_from_its_newest_revision_and_its_logins_end(pool: Pool) -> None:
    store: UserStore = PostgresUserStore(pool)
    company, other = await Company.make(pool), await Company.make(pool)
    anna, stranger = await company.add("1001"), await other.add("1001")
    await company.add("1002")
    for each, user in ((company, anna), (other, stranger)):
        await start_session(pool, each, user)
    before = await store.account(company.domain, anna)
    assert before is not None
    after = msgspec.structs.replace(before, scope=Scope.SITE_MANAGER, disabled=True)
    saved = await store.change(before, after, line(), ends_logins=True)
    assert saved is not None
    assert (saved.scope, saved.disabled, saved.rev) == (Scope.SITE_MANAGER, True, before.rev + 1)
    assert await store.change(before, after, line(), ends_logins=True) is None
    with pytest.raises(LoginNameTaken):
        await store.change(saved, msgspec.structs.replace(saved, login_name="1002"), line(), ends_logins=False)
    async with connection(pool) as conn:
        left = await conn.fetch(
            "SELECT domain_id FROM sessions WHERE domain_id = ANY($1::text[])", [company.domain, other.domain]
        )
    assert [row["domain_id"] for row in left] == [other.domain]


async def test_an_erased_user_is_gone_and_the_extension_free(pool: Pool) -> None:
    store: UserStore = PostgresUserStore(pool)
    company, other = await Company.make(pool), await Company.make(pool)
    anna, stranger = await company.add("1001"), await other.add("1001")
    erased = await store.erase(company.domain, anna, lambda _: line("user.erased"), with_messages=False)
    assert erased is not None
    assert (erased.user, erased.messages) == (anna, 0)
    assert await store.erase(company.domain, anna, lambda _: line(), with_messages=False) is None
    assert await store.account(company.domain, anna) is None
    assert await store.account(other.domain, stranger) is not None
    again = await store.add(company.domain, [NewUser(extension="1001")], lambda *_: line())
    assert again.users == [UserId(anna + 1)], "whoever comes after is somebody else"


# ------------------------------------------------------------ administration keys


async def test_a_key_is_found_by_its_token_only_until_it_is_revoked(pool: Pool) -> None:
    store: AdministrationKeyStore = PostgresAdministrationKeyStore(pool)
    company, name, hashed = await Company.make(pool), secrets.token_hex(8), secrets.token_bytes(32)
    new = NewAdministrationKey(
        key=secrets.token_hex(8),
        token_hash=hashed,
        name=name,
        scopes=(AdministrationScope.USERS_READ,),
        domains=(company.domain,),
        created_at=NOW,
        expires_at=NOW + timedelta(days=1),
    )
    assert await store.add(new)
    assert not await store.add(msgspec.structs.replace(new, key="other", token_hash=secrets.token_bytes(32)))
    await store.mark_used(new.key, NOW)
    found = await store.by_token(hashed)
    assert found is not None
    assert (found.name, found.scopes, found.domains) == (name, new.scopes, new.domains)
    assert (found.last_used_at, found.is_good(NOW), found.is_good(NOW + timedelta(days=1))) == (NOW, True, False)
    assert await store.by_token(secrets.token_bytes(32)) is None
    assert name in {each.name for each in await store.list_all()}
    assert (await store.is_open(company.domain), await store.is_open(DomainId("no\0where"))) == (True, False)
    assert (await store.revoke(name), await store.revoke(name)) == (True, False)
    assert await store.by_token(hashed) is None
