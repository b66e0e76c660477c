"""A webhook that an operator adds while gateways run hears of what people do."""

from collections.abc import AsyncIterator

import pytest

from storage.embedded import EmbeddedServers
from tests.support.gateway import People
from tests.support.operator import Operator
from tests.support.receiver import Receiver, receiver
from wire.commands import SetDnd
from wire.replies import Done


@pytest.fixture
def operator(database_url: str, servers: EmbeddedServers) -> Operator:
    return Operator(database_url, servers.redis_url, "webhook")


@pytest.fixture
async def hook(people: People, operator: Operator) -> AsyncIterator[Receiver]:
    async with receiver() as running:
        running.lets.clear()  # the first word may come before the command has said the secret
        added = await operator.types("add", "crm", running.url, "--domain", people.company.domain)
        running.secret = added.stdout.strip()
        running.lets.set()
        yield running
        assert (await operator.types("remove", "crm", "--domain", people.company.domain)).exit_code == 0


async def test_a_webhook_hears_what_people_do(people: People, hook: Receiver, operator: Operator) -> None:
    anna = await people.add("1001", first_name="Anna", last_name="Berg")
    async with await people.connect(anna) as client:
        await hook.until(lambda: hook.colours.get("1001") == "blue")
        await hook.until(lambda: hook.names == {"1001": "Anna Berg"})
        await client.ask(SetDnd(on=True), Done)
        await hook.until(lambda: hook.colours["1001"] == "red")
        await client.ask(SetDnd(on=False), Done)
        await hook.until(lambda: hook.colours["1001"] == "blue")
        assert (hook.refused, hook.most_at_once) == (0, 1)
