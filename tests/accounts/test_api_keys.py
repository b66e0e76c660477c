"""Keys of programs: made, listed and revoked by managers; within their scopes and their user's rights; over."""

import asyncio
from datetime import timedelta

import pytest

from accounts.api_keys.errors import KeyGone, NameTaken, NotYourKeys, TooManyKeys
from accounts.api_keys.model import KeyId, key_of, session_of
from accounts.api_keys.scopes import ALLOWS, EVERY_KEY, KeyScope, allowed_by
from accounts.api_keys.service import MOST_KEYS, ApiKeyService
from accounts.errors import SessionOver
from accounts.service import PROLONG_EVERY
from cli.operations import all_operations
from connections.dispatch import COMMANDS
from storage.postgres.api_keys import PostgresKeyStore
from storage.postgres.pool import Pool, connection
from storage.redis.bus import RedisBus
from tests.support.accounts import TurnableClock
from tests.support.company import Company, Listener
from wire.errors import Invalid, NotAllowed
from wire.identity import Caller, Scope, SessionId
from wire.operations import Access
from wire.security import NewApiKey

OF_NO_KEY = {
    # How people get in, and what they own; what a program could use to become more than it is.
    "log_out", "make_ticket", "get_profile", "edit_profile", "ask_for_confirmation", "ask_user_for_confirmation",
    "reset_user", "reset_password", "list_logins", "end_login",
    "end_other_logins", "change_password", "get_second_factors", "begin_totp", "confirm_totp", "renew_recovery_codes",
    "turn_off_second_factor", "turn_off_second_factor_of", "get_domain_security", "set_domain_security",
    "list_api_keys", "make_api_key", "revoke_api_key", "get_notifications", "edit_notifications", "get_push_key",
    "subscribe_to_push", "unsubscribe_from_push", "set_available",
}  # fmt: skip


@pytest.fixture
async def company(pool: Pool) -> Company:
    return await Company.make(pool)


@pytest.fixture
async def boss(company: Company) -> Caller:
    return company.caller(await company.add("1051", scope=Scope.OFFICE_MANAGER))


@pytest.fixture
def clock() -> TurnableClock:
    return TurnableClock()


@pytest.fixture
def keys(pool: Pool, bus: RedisBus, clock: TurnableClock) -> ApiKeyService:
    return ApiKeyService(PostgresKeyStore(pool), bus, clock)


def new(name: str = "CRM", *scopes: str, days: int | None = None) -> NewApiKey:
    return NewApiKey(name=name, scopes=[*scopes] or ["directory.read"], days=days)


def test_scopes_name_what_there_is_and_nothing_by_which_a_key_could_become_more() -> None:
    operations = {each.name for each in all_operations() if each.access is Access.USER}
    commands = {str(each.__struct_config__.tag) for each in COMMANDS}
    allowed = EVERY_KEY.union(*ALLOWS.values())
    assert allowed <= operations | commands
    assert allowed.isdisjoint(OF_NO_KEY)
    assert operations | commands >= OF_NO_KEY
    assert ALLOWS.keys() == set(KeyScope)


async def test_a_key_acts_as_who_made_it_within_its_scopes(keys: ApiKeyService, boss: Caller, pool: Pool) -> None:
    made = await keys.make(boss, new("CRM", "directory.read", "presence.read", "presence.read"))
    assert made.token.startswith("key_")
    caller = await keys.caller_of(made.token)
    assert (caller.domain, caller.user, caller.scope, caller.operator) == (boss.domain, boss.user, boss.scope, None)
    assert caller.may_only == allowed_by([KeyScope.DIRECTORY_READ, KeyScope.PRESENCE_READ])
    caller.check_may("list_directory")
    caller.check_may("get_me")
    for other in ("send_message", "list_contacts", "make_api_key", "change_password", "connect"):
        with pytest.raises(NotAllowed):
            caller.check_may(other)
    assert (caller.may_chat, caller.is_present) == (False, False)
    async with connection(pool) as conn:
        kept = await conn.fetchval("SELECT k::text FROM api_keys k WHERE domain_id = $1", boss.domain)
    assert made.token.removeprefix("key_").partition(".")[0] not in kept


async def test_a_key_that_was_made_for_chat_may_chat_and_still_lights_no_dot(keys: ApiKeyService, boss: Caller) -> None:
    caller = await keys.caller_of((await keys.make(boss, new("Bot", "live", "chat"))).token)
    caller.check_may("connect")
    caller.check_may("send_message")
    assert (caller.may_chat, caller.is_present) == (True, False)


async def test_keys_are_listed_with_their_last_use(keys: ApiKeyService, boss: Caller, clock: TurnableClock) -> None:
    made = await keys.make(boss, new("CRM", "directory.read", days=30))
    await keys.make(boss, new("Board", "presence.read"))
    board, crm = (await keys.list_all(boss)).items
    assert (board.name, board.expires_at, board.used_at) == ("Board", None, None)
    assert (crm.name, crm.scopes, crm.extension, crm.created_by) == ("CRM", ["directory.read"], "1051", boss.user)
    assert crm.expires_at == clock.now + timedelta(days=30)
    for turned in (timedelta(0), PROLONG_EVERY - timedelta(seconds=1), timedelta(seconds=1)):
        clock.turn(turned)
        await keys.caller_of(made.token)
    assert (await keys.list_all(boss)).items[1].used_at == clock.now


async def test_a_key_ends_by_time_by_revoking_and_with_its_user(
    keys: ApiKeyService, boss: Caller, clock: TurnableClock, bus: RedisBus, company: Company, pool: Pool
) -> None:
    short, revoked, lasting = [
        await keys.make(boss, new(name, days=days)) for name, days in (("a", 1), ("b", None), ("c", None))
    ]
    clock.turn(timedelta(days=1))
    with pytest.raises(SessionOver):
        await keys.caller_of(short.token)
    listener = await Listener.on(bus, company.domain)
    await keys.revoke(boss, KeyId(revoked.key.key))
    with pytest.raises(SessionOver):
        await keys.caller_of(revoked.token)
    with pytest.raises(KeyGone):
        await keys.revoke(boss, KeyId(revoked.key.key))
    await listener.everything(bus, company.domain)
    [ended] = listener.ended
    assert ended.sessions == [session_of(KeyId(revoked.key.key))]
    await keys.caller_of(lasting.token)
    async with connection(pool) as conn:
        await conn.execute("UPDATE users SET disabled = true WHERE domain_id = $1", boss.domain)
    with pytest.raises(SessionOver):
        await keys.caller_of_key(boss.domain, KeyId(lasting.key.key))


async def test_keys_are_for_managers_of_the_domain_and_for_no_mask(
    keys: ApiKeyService, boss: Caller, company: Company, pool: Pool
) -> None:
    made = await keys.make(boss, new())
    anna = await company.add("1001")
    supervisor = company.caller(await company.add("1002", scope=Scope.CALL_CENTER_SUPERVISOR))
    for caller in (company.caller(anna), supervisor, company.caller(boss.user, operator=anna)):
        with pytest.raises(NotYourKeys):
            await keys.make(caller, new("another"))
        with pytest.raises(NotYourKeys):
            await keys.list_all(caller)
        with pytest.raises(NotYourKeys):
            await keys.revoke(caller, KeyId(made.key.key))
    rivals = await Company.make(pool)
    stranger = rivals.caller(await rivals.add("1001", scope=Scope.SUPER_USER))
    assert (await keys.list_all(stranger)).items == []
    with pytest.raises(KeyGone):
        await keys.revoke(stranger, KeyId(made.key.key))
    with pytest.raises(SessionOver):
        await keys.caller_of(made.token.replace(company.domain, rivals.domain))
    await keys.caller_of(made.token)


@pytest.mark.parametrize(
    ("wanted", "field"),
    [(new("CRM", "everything"), "scopes[0]"), (new("CRM", "chat", "nonsense"), "scopes[1]"), (new("  "), "name")],
)
async def test_what_is_wrong_with_a_new_key_is_named(
    keys: ApiKeyService, boss: Caller, wanted: NewApiKey, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        await keys.make(boss, wanted)
    assert refused.value.field == field


async def test_names_are_given_once_and_there_is_an_end_to_keys(keys: ApiKeyService, boss: Caller, pool: Pool) -> None:
    results = await asyncio.gather(*(keys.make(boss, new()) for _ in range(3)), return_exceptions=True)
    assert sum(isinstance(result, NameTaken) for result in results) == 2
    for number in range(MOST_KEYS - 1):
        await keys.make(boss, new(f"key {number}"))
    with pytest.raises(TooManyKeys):
        await keys.make(boss, new("one more"))
    async with connection(pool) as conn:
        lines = await conn.fetch("SELECT action, after FROM audit WHERE domain_id = $1 ORDER BY audit_id", boss.domain)
    assert len(lines) == MOST_KEYS
    assert lines[0]["after"] == {"name": "CRM", "scopes": ["directory.read"], "days": None}


def test_the_session_of_a_key_is_no_login() -> None:
    assert key_of(session_of(KeyId("abc"))) == "abc"
    assert key_of(SessionId("abc")) is None
