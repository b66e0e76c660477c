"""What users set in the portal reaches their switch, in order, and is shown as pending until it has."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime

import pytest
from msgspec.structs import replace
from prometheus_client import CollectorRegistry

from accounts.factors.sealing import Seal
from accounts.model import AuditLine
from pbx.commands import CommandService, pause_after
from pbx.metrics import CommandMetrics
from storage.postgres.pbx_sources import PostgresSourceStore
from storage.postgres.pool import Pool, transaction
from storage.postgres.profiles import PostgresProfileStore
from storage.postgres.switch_commands import PostgresCommandStore
from tests.support.commanded import CommandedSwitch, commanded_switch
from tests.support.switches import Office
from web.outgoing import HttpOutgoing
from wire.ending import end
from wire.identity import DomainId
from wire.records import Presence


@pytest.fixture
def pool(apart_pool: Pool) -> Pool:
    """Gateways of other tests would tell the switches of these."""
    return apart_pool


@pytest.fixture
async def switch(office: Office) -> AsyncIterator[CommandedSwitch]:
    """The office's switch, as it takes commands."""
    async with commanded_switch() as running:
        await office.telephony.sources.set_commands(office.switch.name, running.url, running.token)
        yield running


@pytest.fixture
async def gateway(office: Office, pool: Pool) -> AsyncIterator[Callable[[], CommandService]]:
    """Starts what a gateway runs to tell switches; several may run at once."""
    outgoing, tasks = HttpOutgoing("test"), []

    def start() -> CommandService:
        service = CommandService(
            PostgresCommandStore(pool), office.telephony.presence, outgoing, CommandMetrics(CollectorRegistry())
        )
        office.telephony.presence.on_wish = service.wake
        tasks.append(asyncio.create_task(service.run()))
        return service

    yield start
    for task in tasks:
        await end(task)
    await outgoing.close()


async def alice(office: Office) -> Presence:
    return await office.telephony.presence_of(office.domain, office.alice)


async def wish(office: Office, on: bool) -> None:
    await office.telephony.presence.set_dnd(office.domain, office.alice, on)


async def until(holds: Callable[[], object]) -> None:
    async with asyncio.timeout(60):
        while not holds():  # noqa: ASYNC110 - what is waited for happens in a server, and in a database
            await asyncio.sleep(0.01)


async def until_settled(office: Office) -> None:
    async with asyncio.timeout(60):
        while (await alice(office)).dnd_pending:  # noqa: ASYNC110 - nobody follows the domain here
            await asyncio.sleep(0.01)


async def confirm(office: Office, on: bool, via: str = "portal") -> None:
    await office.switch.send(office.switch.tell("dnd", user=office.alice_address, on=on, via=via))


async def make_due(pool: Pool, office: Office) -> None:
    """As if the pause until the next attempt were over."""
    async with transaction(pool) as conn:
        await conn.execute(
            "UPDATE switch_commands SET due_at = now(), claimed_until = NULL WHERE domain_id = $1", office.domain
        )


async def test_a_wish_is_pending_until_the_switch_has_carried_it_out(
    office: Office, switch: CommandedSwitch, gateway: Callable[[], CommandService]
) -> None:
    switch.lets.clear()
    gateway()
    await wish(office, True)
    assert ((await alice(office)).dnd, (await alice(office)).dnd_pending) == (True, True)
    await until(lambda: switch.asked)
    switch.lets.set()
    await until_settled(office)
    assert (await alice(office)).dnd
    assert switch.taken == [("/dnd", {"user": office.alice_address, "rev": switch.taken[0][1]["rev"], "on": True})]
    assert switch.tokens == {"Bearer the token"}


async def test_a_switch_that_only_accepts_it_confirms_it_by_its_own_event(
    office: Office, switch: CommandedSwitch, gateway: Callable[[], CommandService]
) -> None:
    switch.status = 202
    gateway()
    await wish(office, True)
    await until(lambda: switch.taken)
    assert (await alice(office)).dnd_pending
    await confirm(office, True)
    assert not (await alice(office)).dnd_pending


async def test_a_wish_outlives_the_gateway_and_waits_for_the_switch(
    office: Office, switch: CommandedSwitch, gateway: Callable[[], CommandService], pool: Pool
) -> None:
    switch.status = 503
    await wish(office, True)  # no gateway runs any more: it died right after the commit
    service = gateway()
    await until(lambda: switch.asked)
    assert (await alice(office)).dnd_pending
    switch.status = 200
    await make_due(pool, office)
    service.wake()
    await until_settled(office)
    assert switch.wishes == [True, True]


async def test_several_wishes_that_wait_are_told_as_the_last_one(
    office: Office, switch: CommandedSwitch, gateway: Callable[[], CommandService]
) -> None:
    for on in (True, False, True, False):
        await wish(office, on)
    gateway()
    await until_settled(office)
    assert switch.wishes == [False]


async def test_a_wish_during_another_one_is_told_after_it_and_never_overtakes_it(
    office: Office, switch: CommandedSwitch, gateway: Callable[[], CommandService], pool: Pool
) -> None:
    switch.lets.clear()
    gateway()
    await wish(office, True)
    await until(lambda: switch.asked)
    assert await PostgresCommandStore(pool).claim(office.switch.name, 5) == []  # it is being told
    gateway()  # another one, which finds something to do and may not
    await wish(office, False)
    assert await PostgresCommandStore(pool).claim(office.switch.name, 5) == []
    switch.lets.set()
    await until_settled(office)
    assert switch.wishes == [True, False]
    revisions = [body["rev"] for _, body in switch.taken]
    assert revisions == sorted(revisions)
    assert not (await alice(office)).dnd


async def test_the_echo_of_an_older_wish_does_not_undo_a_newer_one(office: Office, switch: CommandedSwitch) -> None:
    await wish(office, True)
    await wish(office, False)
    await confirm(office, True)
    assert ((await alice(office)).dnd, (await alice(office)).dnd_pending) == (False, True)
    await office.switch.send_snapshot(dnd=[office.alice_address])
    assert ((await alice(office)).dnd, (await alice(office)).dnd_pending) == (False, True)
    await confirm(office, False)
    assert ((await alice(office)).dnd, (await alice(office)).dnd_pending) == (False, False)


async def test_what_the_user_does_at_the_phone_meanwhile_counts_and_ends_the_waiting(
    office: Office, switch: CommandedSwitch, pool: Pool
) -> None:
    await wish(office, True)
    await confirm(office, False, via="feature-code")
    assert ((await alice(office)).dnd, (await alice(office)).dnd_pending) == (False, False)
    assert await PostgresCommandStore(pool).claim(office.switch.name, 5) == []


async def test_what_one_switch_says_is_told_to_the_others_and_not_back_to_it(
    office: Office, switch: CommandedSwitch, gateway: Callable[[], CommandService]
) -> None:
    other = await office.telephony.add_switch(office.domain)
    await other.send_snapshot()
    await other.send(other.tell("dnd", user=office.alice_address, on=True, via="feature-code"))
    gateway()
    await until_settled(office)
    assert switch.wishes == [True]
    await confirm(office, True)
    await confirm(office, False, via="feature-code")
    assert not (await alice(office)).dnd_pending


async def test_a_new_name_is_told_to_the_switch(
    office: Office, switch: CommandedSwitch, gateway: Callable[[], CommandService], pool: Pool
) -> None:
    store = PostgresProfileStore(pool)
    account = await store.account(office.domain, office.alice)
    assert account
    audit = AuditLine(
        at=datetime.now(UTC), user=office.alice, operator=None, action="test", target="", after={"last_name": "Berg"}
    )
    saved = await store.change(replace(account, last_name="Berg"), 1, audit)
    assert saved
    gateway()
    await until(lambda: switch.taken)
    assert switch.taken == [("/profile", {"user": office.alice_address, "rev": saved.rev, "name": "User Berg"})]


async def test_a_switch_that_takes_no_commands_is_not_waited_for(office: Office, switch: CommandedSwitch) -> None:
    await office.telephony.sources.set_commands(office.switch.name, "", "")
    await wish(office, True)
    assert not (await alice(office)).dnd_pending


async def test_what_waits_is_forgotten_with_the_address(office: Office, switch: CommandedSwitch, pool: Pool) -> None:
    await wish(office, True)
    waiting = {each.source: each for each in await PostgresCommandStore(pool).waiting()}
    assert (waiting[office.switch.name].count, waiting[office.switch.name].is_due) == (1, True)
    await office.telephony.sources.set_commands(office.switch.name, "", "")
    assert office.switch.name not in {each.source for each in await PostgresCommandStore(pool).waiting()}


async def test_what_is_shown_as_pending_ends_with_the_address_too(
    office: Office, switch: CommandedSwitch, gateway: Callable[[], CommandService]
) -> None:
    await wish(office, True)
    await office.telephony.sources.set_commands(office.switch.name, "", "")
    await office.telephony.presence.seed(office.domain)  # as gateways do every few minutes
    assert ((await alice(office)).dnd, (await alice(office)).dnd_pending) == (True, False)


async def test_a_confirmation_that_presence_could_not_hear_of_heals(
    office: Office, switch: CommandedSwitch, pool: Pool
) -> None:
    await wish(office, True)
    store = PostgresCommandStore(pool)
    [command] = await store.claim(office.switch.name, 5)
    assert await store.done(command)  # and the gateway dies
    await office.telephony.presence.seed(office.domain)
    assert not (await alice(office)).dnd_pending


@pytest.mark.parametrize("column", ["due_at", "claimed_until"])
async def test_a_clock_of_the_database_that_was_put_back_keeps_no_command_for_as_long(
    office: Office, switch: CommandedSwitch, pool: Pool, column: str
) -> None:
    await wish(office, True)
    store = PostgresCommandStore(pool)
    late = f"UPDATE switch_commands SET {column} = now() + interval '1 hour' WHERE source_id = $1"  # noqa: S608
    await pool.execute(late, office.switch.name)
    [waiting] = [each for each in await store.waiting() if each.source == office.switch.name]
    assert waiting.is_due
    [command] = await store.claim(office.switch.name, 5)
    assert await store.claim(office.switch.name, 5) == [], "it is being told"
    await store.release(command, "busy", 900)
    assert await store.claim(office.switch.name, 5) == [], "it is put off"


async def test_the_token_that_a_switch_is_shown_is_sealed_where_there_is_a_key(
    office: Office, switch: CommandedSwitch, pool: Pool
) -> None:
    key, token = secrets.token_bytes(32), secrets.token_urlsafe(16)
    sealing = PostgresSourceStore(pool, seal=Seal([key]))
    await sealing.set_commands(office.switch.name, switch.url, token)
    kept = await pool.fetchval("SELECT command_token FROM pbx_sources WHERE source_id = $1", office.switch.name)
    assert token not in kept
    await wish(office, True)
    assert await PostgresCommandStore(pool).claim(office.switch.name, 5) == [], "without the key it is told nothing"
    await pool.execute("UPDATE switch_commands SET claimed_until = NULL WHERE source_id = $1", office.switch.name)
    [command] = await PostgresCommandStore(pool, Seal([key])).claim(office.switch.name, 5)
    assert command.token == token


async def test_a_switch_that_cannot_be_reached_holds_up_no_other(
    office: Office, switch: CommandedSwitch, gateway: Callable[[], CommandService]
) -> None:
    dead = await office.telephony.add_switch(office.domain)
    await office.telephony.sources.set_commands(dead.name, "http://127.0.0.1:9", "x")
    gateway()
    await wish(office, True)
    await until(lambda: switch.wishes == [True])
    assert (await alice(office)).dnd_pending  # the dead one has yet to hear of it


def test_pauses_grow_up_to_a_minute() -> None:
    assert [pause_after(attempts) for attempts in (1, 2, 3, 7, 100)] == [1, 2, 4, 60, 60]


async def test_another_domain_has_nothing_to_do_with_it(office: Office, switch: CommandedSwitch, pool: Pool) -> None:
    async with transaction(pool) as conn:
        foreign = DomainId(f"{secrets.token_hex(4)}.test")
        await conn.execute("INSERT INTO domains (domain_id) VALUES ($1)", foreign)
        await conn.execute(
            "INSERT INTO users (domain_id, user_id, extension, login_name) VALUES ($1, $2, '1001', '1001')",
            foreign,
            office.alice,
        )
    await office.telephony.presence.set_dnd(foreign, office.alice, True)
    assert not (await office.telephony.presence_of(foreign, office.alice)).dnd_pending
    assert office.switch.name not in {each.source for each in await PostgresCommandStore(pool).waiting()}
