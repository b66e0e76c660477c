"""A webhook hears everything once it listens, in order, from one gateway at a time, and only what all may see."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable

import pytest
from prometheus_client import CollectorRegistry

from storage.postgres.pool import Pool, transaction
from storage.postgres.webhooks import PostgresWebhookStore
from tests.support.company import Company
from tests.support.receiver import Receiver, receiver
from tests.support.switches import Office
from web.outgoing import HttpOutgoing
from webhooks.metrics import WebhookMetrics
from webhooks.model import Standing, Topic, Webhook
from webhooks.service import WebhookService, pause_after
from webhooks.signing import make_secret
from wire.ending import end
from wire.identity import DomainId, GatewayId, UserId

NAME = "crm"
StartGateway = Callable[..., GatewayId]


@pytest.fixture
def store(pool: Pool, office: Office) -> "OfficeWebhooks":
    return OfficeWebhooks(pool, office.domain)


class OfficeWebhooks(PostgresWebhookStore):
    """Sees only the webhooks of one domain: the others of the run belong to other tests."""

    def __init__(self, pool: Pool, domain: DomainId) -> None:
        super().__init__(pool)
        self._domain = domain

    async def hold(self, gateway: GatewayId, seconds: float) -> list[Webhook]:
        return [each for each in await super().hold(gateway, seconds) if each.domain == self._domain]


@pytest.fixture
async def hook(store: OfficeWebhooks, office: Office) -> AsyncIterator[Receiver]:
    """A receiver that is registered for everything of the office."""
    async with receiver() as running:
        running.secret = make_secret()
        await store.add(office.domain, NAME, running.url, running.secret, list(Topic))
        yield running
        await store.remove(office.domain, NAME)


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
def timelines() -> list[str]:
    """Of the database; it is in the last one."""
    return ["d.1"]


@pytest.fixture
async def start_gateway(
    store: OfficeWebhooks, office: Office, registry: CollectorRegistry, timelines: list[str]
) -> AsyncIterator[StartGateway]:
    outgoing = HttpOutgoing("test")
    tasks: list[asyncio.Task[None]] = []

    def start() -> GatewayId:
        name = GatewayId(f"gateway-{secrets.token_hex(4)}")
        service = WebhookService(
            store,
            office.telephony.presence,
            outgoing,
            WebhookMetrics(registry if not tasks else CollectorRegistry()),
            name,
            held_seconds=20.0,  # a machine that stands still for a second takes nobody anything away
            renew_every=0.1,
            timeline=lambda: timelines[-1],
        )
        tasks.append(asyncio.create_task(service.run()))
        return name

    yield start
    await end(*tasks)
    await outgoing.close()


async def up(office: Office, address: str) -> None:
    await office.switch.send(office.switch.device_up(address, ttl=600))


async def call(office: Office, phase: str, name: str = "c1") -> None:
    office.switch.now += 1
    await office.switch.send(office.switch.call(name, phase, (office.alice_address, "caller")))


async def make_due(pool: Pool, office: Office) -> None:
    async with transaction(pool) as conn:
        await conn.execute("UPDATE webhooks SET due_at = now() WHERE domain_id = $1", office.domain)


async def test_it_hears_everything_as_it_is_and_then_what_changes(
    office: Office, hook: Receiver, start_gateway: StartGateway
) -> None:
    await up(office, office.alice_address)
    start_gateway()
    await hook.until(lambda: hook.colours == {"1001": "green"})
    await hook.until(lambda: hook.names == {"1001": "User 1001", "1002": "User 1002"})
    await call(office, "active")
    await hook.until(lambda: hook.colours == {"1001": "red"})
    await call(office, "ended")
    await hook.until(lambda: hook.colours == {"1001": "green"})
    assert [message["data"]["reset"] for message in hook.taken if message["type"] == "presence.changed"] == [
        True,
        False,
        False,
    ]
    assert hook.refused == 0


async def test_a_name_that_changes_is_told(
    office: Office, hook: Receiver, start_gateway: StartGateway, pool: Pool
) -> None:
    start_gateway()
    await hook.until(lambda: len(hook.names) == 2)
    await rename(pool, office, "Berg")
    await hook.until(lambda: hook.names["1001"] == "User Berg")
    told = [user for message in hook.taken if message["type"] == "names.changed" for user in message["data"]["users"]]
    assert [user["extension"] for user in told] == ["1001", "1002", "1001"]


async def test_when_another_database_took_over_names_are_told_anew(
    office: Office, hook: Receiver, start_gateway: StartGateway, pool: Pool, timelines: list[str]
) -> None:
    """What it gives the numbers to that were told already would never be told."""
    start_gateway()
    await hook.until(lambda: len(hook.names) == 2)
    async with transaction(pool) as conn:
        await conn.execute(
            "UPDATE users SET last_name = 'Berg' WHERE domain_id = $1 AND extension = '1001'", office.domain
        )
    timelines.append("d.2")
    await hook.until(lambda: hook.names["1001"] == "User Berg")
    told = [message["data"] for message in hook.taken if message["type"] == "names.changed"]
    assert [(data["reset"], len(data["users"])) for data in told] == [(True, 2), (True, 2)]


async def rename(pool: Pool, office: Office, last_name: str, *, listed: bool = True) -> None:
    async with transaction(pool) as conn:
        rev = await conn.fetchval(
            "UPDATE domains SET directory_rev = directory_rev + 1 WHERE domain_id = $1 RETURNING directory_rev",
            office.domain,
        )
        await conn.execute(
            """
            UPDATE users SET last_name = $3, list_in_directory = $4, directory_rev = $5
            WHERE domain_id = $1 AND user_id = $2
            """,
            office.domain,
            office.alice,
            last_name,
            listed,
            rev,
        )


async def test_while_its_end_is_dead_nothing_piles_up_and_afterwards_it_hears_the_newest(
    office: Office, hook: Receiver, start_gateway: StartGateway, pool: Pool
) -> None:
    start_gateway()
    await hook.until(lambda: hook.taken)
    hook.status, before = 500, hook.asked
    hook.lets.clear()
    for number in range(20):
        await call(office, "active", f"c{number}")
        await call(office, "ended", f"c{number}")
    await up(office, office.alice_address)
    await hook.until(lambda: hook.asked > before)
    hook.lets.set()
    await hook.until(lambda: len(hook.ids) > before)
    hook.status = 204
    await hook.until(lambda: hook.colours.get("1001") == "green")
    assert hook.told("1001") == ["green"]


async def test_a_dead_end_is_asked_less_and_less_and_is_seen_in_the_metrics(
    office: Office, hook: Receiver, start_gateway: StartGateway, registry: CollectorRegistry, store: OfficeWebhooks
) -> None:
    assert [pause_after(failures) for failures in (1, 2, 3, 9, 10, 99)] == [1, 2, 4, 256, 300, 300]
    hook.status = 503
    start_gateway()

    async def failures(count: int) -> None:
        label = {"webhook": f"{office.domain}/{NAME}"}
        async with asyncio.timeout(60):
            while registry.get_sample_value("presence_webhook_failures", label) != count:  # noqa: ASYNC110 - tells nobody
                await asyncio.sleep(0.01)

    await failures(2)
    assert hook.asked == 2
    [listed] = [each for each in await store.list_all() if each.domain == office.domain]
    assert listed.problem == "status 503"
    assert listed.failing_seconds is not None
    hook.status = 204
    await failures(0)


async def test_what_is_sent_again_has_the_same_id(office: Office, hook: Receiver, start_gateway: StartGateway) -> None:
    hook.status = 500
    start_gateway()
    await hook.until(lambda: len(hook.ids) >= 2)
    assert hook.ids[0] == hook.ids[1]


async def test_two_gateways_never_deliver_at_once_and_tell_nothing_twice(
    office: Office, hook: Receiver, start_gateway: StartGateway
) -> None:
    for _ in range(3):
        start_gateway()
    for number in range(5):
        await call(office, "active", f"c{number}")
        await hook.until(lambda: hook.colours.get("1001") == "red")
        await call(office, "ended", f"c{number}")
        await hook.until(lambda: hook.colours.get("1001") == "offline")
    assert hook.most_at_once == 1
    assert len(hook.ids) == len(set(hook.ids))


async def test_when_its_gateway_dies_another_one_goes_on_where_it_stood(
    office: Office, hook: Receiver, start_gateway: StartGateway, store: OfficeWebhooks, pool: Pool
) -> None:
    [webhook] = await store.hold(GatewayId("about to die"), 900)
    async with receiver() as later:
        later.secret = make_secret()
        await store.add(office.domain, "later", later.url, later.secret, list(Topic))
        start_gateway()
        await up(office, office.alice_address)
        # Of all that is free it takes everything at once: so it has looked for the first one, too.
        await later.until(lambda: later.colours == {"1001": "green"})
        await store.remove(office.domain, "later")
    assert hook.asked == 0
    async with transaction(pool) as conn:
        await conn.execute("UPDATE webhooks SET held_until = now() WHERE domain_id = $1", office.domain)
    await hook.until(lambda: hook.colours == {"1001": "green"})
    # The dead one comes back to itself, gets nothing, and may not say where the webhook stands.
    dead = GatewayId("about to die")
    assert await store.hold(dead, 3600) == []
    assert not await store.delivered(webhook, dead, Standing("somewhere else", 1, 1))


async def test_who_is_not_listed_is_never_told_of_and_vanishes_when_unlisted(
    office: Office, hook: Receiver, start_gateway: StartGateway, pool: Pool
) -> None:
    await up(office, office.alice_address)
    async with transaction(pool) as conn:
        await conn.execute(
            "UPDATE users SET list_in_directory = false WHERE domain_id = $1 AND user_id = $2",
            office.domain,
            office.bob,
        )
    await office.telephony.presence.listing_changed(office.domain, office.bob, False)
    await up(office, office.bob_address)
    start_gateway()
    await hook.until(lambda: hook.colours == {"1001": "green"} and hook.names == {"1001": "User 1001"})
    await rename(pool, office, "1001", listed=False)
    await office.telephony.presence.listing_changed(office.domain, office.alice, False)
    await hook.until(lambda: hook.colours == {} and hook.names == {})
    assert hook.told("1002") == []


async def test_who_appears_offline_is_offline_here_too(
    office: Office, hook: Receiver, start_gateway: StartGateway
) -> None:
    await office.telephony.presence.set_appear_offline(office.domain, office.alice, True)
    await up(office, office.alice_address)
    await up(office, office.bob_address)
    start_gateway()
    await hook.until(lambda: hook.colours.get("1002") == "green")
    assert hook.colours.get("1001", "offline") == "offline"


async def test_after_the_store_was_emptied_it_is_told_everything_anew(
    office: Office, hook: Receiver, start_gateway: StartGateway
) -> None:
    start_gateway()
    await up(office, office.alice_address)
    await hook.until(lambda: hook.colours == {"1001": "green"})
    client = office.telephony.presence_store._client
    await client.delete(*[key async for key in client.scan_iter(match=f"*{{{office.domain}}}*")])
    await up(office, office.bob_address)
    await hook.until(lambda: hook.colours == {"1002": "green"})


async def test_a_clock_of_the_database_that_was_put_back_holds_up_no_webhook(
    office: Office, hook: Receiver, store: OfficeWebhooks, pool: Pool
) -> None:
    dead, living = GatewayId("dead"), GatewayId("living")
    await store.hold(dead, 30.0)
    assert await store.hold(living, 30.0) == []
    await pool.execute(
        "UPDATE webhooks SET held_until = held_until + interval '1 hour', due_at = now() + interval '1 hour' "
        "WHERE domain_id = $1",
        office.domain,
    )
    [held] = await store.hold(living, 30.0)
    assert held.wait == 0


async def test_an_end_that_is_gone_for_good_is_disabled_and_enabled_again_hears_everything(
    office: Office, hook: Receiver, start_gateway: StartGateway, store: OfficeWebhooks
) -> None:
    await up(office, office.alice_address)
    hook.status = 410
    start_gateway()

    async def state() -> bool:
        [listed] = [each for each in await store.list_all() if each.domain == office.domain]
        return listed.enabled

    async with asyncio.timeout(60):
        while await state():  # noqa: ASYNC110 - a database tells nobody
            await asyncio.sleep(0.01)
    hook.status = 204
    await store.set_enabled(office.domain, NAME, True)
    await hook.until(lambda: hook.colours == {"1001": "green"})


async def test_a_redirect_is_not_followed(office: Office, hook: Receiver, start_gateway: StartGateway) -> None:
    async with receiver() as elsewhere:
        hook.status, hook.headers = 307, {"Location": elsewhere.url}
        start_gateway()
        await hook.until(lambda: hook.asked >= 2)
        assert elsewhere.asked == 0


async def test_while_the_secret_is_exchanged_old_and_new_receivers_are_content(
    office: Office, hook: Receiver, start_gateway: StartGateway, store: OfficeWebhooks
) -> None:
    new = make_secret()
    await store.rotate(office.domain, NAME, new)
    start_gateway()
    await hook.until(lambda: hook.taken)
    hook.secret = new
    await call(office, "active")
    await hook.until(lambda: hook.colours.get("1001") == "red")
    assert hook.refused == 0


async def test_more_people_than_fit_into_one_message_come_in_several(
    office: Office, hook: Receiver, start_gateway: StartGateway, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webhooks.messages.AT_MOST", 3)
    async with transaction(pool) as conn:
        for number in range(8):
            await conn.execute(
                "INSERT INTO users (domain_id, user_id, extension, login_name) VALUES ($1, $2, $3, $3)",
                office.domain,
                UserId(100 + number),
                str(2000 + number),
            )
    for number in range(8):
        await up(office, f"{2000 + number}@{office.domain}")
    start_gateway()
    await hook.until(lambda: len(hook.colours) == 8)
    sizes = [len(message["data"]["users"]) for message in hook.taken if message["type"] == "presence.changed"]
    assert max(sizes) == 3


async def test_another_domain_hears_nothing(
    office: Office, hook: Receiver, start_gateway: StartGateway, pool: Pool
) -> None:
    other = await Company.make(pool)
    user = await other.add("1001")
    start_gateway()
    await hook.until(lambda: hook.taken)
    await office.telephony.presence.set_dnd(other.domain, user, True)
    await up(office, office.bob_address)
    await hook.until(lambda: hook.colours == {"1002": "green"})
    assert {message["data"]["domain"] for message in hook.taken} == {office.domain}
