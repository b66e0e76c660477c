"""Which switches may report, about which domains, with which tokens; and whose extension is whose."""

import secrets

import pytest

from pbx.model import KnownSource, Source
from pbx.store import SourceStore
from storage.postgres.pbx_sources import USER_SECONDS, PostgresSourceStore
from storage.postgres.pool import Pool, transaction
from tests.support.company import Company
from wire.errors import Conflict, NotFound
from wire.identity import DomainId, Extension, SourceId


@pytest.fixture
def name() -> SourceId:
    return SourceId(f"switch-{secrets.token_hex(4)}")


@pytest.fixture
def store(pool: Pool) -> PostgresSourceStore:
    satisfied: SourceStore = PostgresSourceStore(pool)
    assert isinstance(satisfied, PostgresSourceStore)
    return satisfied


async def test_a_source_is_found_with_its_domains_and_tokens(
    store: PostgresSourceStore, name: SourceId, pool: Pool
) -> None:
    acme, other = await Company.make(pool), await Company.make(pool)
    await store.add(name, b"1" * 32, [acme.domain, other.domain], label="Rack 4")
    assert await store.find(name) == Source(name, frozenset({acme.domain, other.domain}), (b"1" * 32,))
    assert await store.find(SourceId(name + "x")) is None


async def test_two_tokens_are_good_while_one_is_being_exchanged(
    store: PostgresSourceStore, name: SourceId, pool: Pool
) -> None:
    await store.add(name, b"1" * 32, [(await Company.make(pool)).domain])
    hashes = []
    for change in (
        store.rotate(name, b"2" * 32),
        store.rotate(name, b"3" * 32),
        store.end_previous_token(name),
        store.rotate(name, b"4" * 32, keep_previous=False),
    ):
        await change
        found = await store.find(name)
        assert found
        hashes.append([each[:1] for each in found.token_hashes])
    assert hashes == [[b"2", b"1"], [b"3", b"2"], [b"3"], [b"4"]]


async def test_a_disabled_source_is_still_there(store: PostgresSourceStore, name: SourceId, pool: Pool) -> None:
    await store.add(name, b"1" * 32, [(await Company.make(pool)).domain])
    for enabled in (False, True):
        await store.set_enabled(name, enabled)
        found = await store.find(name)
        assert found
        assert found.enabled is enabled


async def test_a_source_is_added_whole_or_not_at_all(store: PostgresSourceStore, name: SourceId, pool: Pool) -> None:
    domain = (await Company.make(pool)).domain
    with pytest.raises(NotFound, match=r"nowhere\.test"):
        await store.add(name, b"1" * 32, [domain, DomainId("nowhere.test")])
    assert await store.find(name) is None
    await store.add(name, b"1" * 32, [domain])
    with pytest.raises(Conflict):
        await store.add(name, b"2" * 32, [domain])


async def test_what_is_not_there_cannot_be_changed(store: PostgresSourceStore, name: SourceId) -> None:
    for change in (
        store.rotate(name, b"2" * 32),
        store.end_previous_token(name),
        store.set_enabled(name, False),
    ):
        with pytest.raises(NotFound):
            await change


async def test_all_sources_are_listed_without_their_hashes(
    store: PostgresSourceStore, name: SourceId, pool: Pool
) -> None:
    domain = (await Company.make(pool)).domain
    await store.add(name, b"1" * 32, [domain], label="Rack 4")
    [line] = [line for line in await store.list_all() if line.source == name]
    assert line == KnownSource(
        source=name, label="Rack 4", enabled=True, has_two_tokens=False, command_url="", domains=[domain]
    )


async def test_users_are_found_by_extension_within_their_domain_only(store: PostgresSourceStore, pool: Pool) -> None:
    acme, other = await Company.make(pool), await Company.make(pool)
    alice = await acme.add("1001")
    await other.add("1002")
    wanted = [Extension("1001"), Extension("1002"), Extension("\0"), Extension("")]
    for _ in range(2):
        assert await store.users(acme.domain, wanted) == {"1001": alice}


async def test_somebody_new_is_known_at_once_and_a_given_away_extension_after_a_minute(pool: Pool) -> None:
    now = 0.0
    store = PostgresSourceStore(pool, lambda: now)
    acme = await Company.make(pool)
    extension = Extension("1001")
    assert await store.users(acme.domain, [extension]) == {}
    alice = await acme.add("1001")
    assert await store.users(acme.domain, [extension]) == {"1001": alice}
    async with transaction(pool) as conn:
        await conn.execute("UPDATE users SET deleted_at = now() WHERE domain_id = $1", acme.domain)
    bob = await acme.add("1001")
    assert await store.users(acme.domain, [extension]) == {"1001": alice}
    now = USER_SECONDS + 1
    assert await store.users(acme.domain, [extension]) == {"1001": bob}
