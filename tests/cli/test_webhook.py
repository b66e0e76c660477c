"""An operator has other programs told of changes, with secrets shown once."""

import asyncio
import base64
import secrets

import pytest

from accounts.factors.sealing import Seal
from storage.postgres.pool import Pool
from storage.postgres.webhooks import PostgresWebhookStore
from tests.support.company import Company
from tests.support.operator import Operator
from webhooks.signing import key_of
from wire.identity import DomainId, GatewayId

URL = "https://crm.example/presence"


@pytest.fixture
def operator(database_url: str) -> Operator:
    return Operator(database_url, "redis://127.0.0.1:1", "webhook")


@pytest.fixture
async def domain(pool: Pool) -> DomainId:
    return (await Company.make(pool)).domain


async def test_a_webhook_is_added_rotated_settled_turned_off_and_removed(
    operator: Operator, domain: DomainId, pool: Pool
) -> None:
    name = f"crm-{secrets.token_hex(4)}"
    of = ("--domain", domain)

    async def kept() -> tuple[str, str, bool]:
        row = await pool.fetchrow(
            "SELECT secret, previous_secret, enabled FROM webhooks WHERE domain_id = $1 AND name = $2", domain, name
        )
        assert row
        return row["secret"], row["previous_secret"], row["enabled"]

    first = (await operator.types("add", name, URL, "--domain", domain.upper(), "--topic", "names")).stdout.strip()
    assert key_of(first)
    assert await kept() == (first, "", True)
    second = (await operator.types("rotate", name, *of)).stdout.strip()
    assert await kept() == (second, first, True)
    listed = (await operator.types("list")).stdout
    assert f"{domain}\t{name}\tenabled, two secrets\tnames\t{URL}\n" in listed
    assert second not in listed
    assert (await operator.types("settle", name, *of)).exit_code == 0
    assert (await operator.types("disable", name, *of)).exit_code == 0
    assert await kept() == (second, "", False)
    assert (await operator.types("enable", name, *of)).exit_code == 0
    assert (await operator.types("remove", name, *of)).exit_code == 0
    assert (await operator.types("remove", name, *of)).output == f"Error: There is no webhook {name} in {domain}\n"


async def test_what_cannot_be_is_told_in_one_line(operator: Operator, domain: DomainId) -> None:
    name = f"crm-{secrets.token_hex(4)}"
    await operator.types("add", name, URL, "--domain", domain)
    for words, told in [
        (("add", name, URL, "--domain", domain), f"Error: There is a webhook {name} in {domain} already"),
        (("add", name, URL, "--domain", "nowhere.test"), "Error: There is no domain nowhere.test"),
    ]:
        result = await operator.types(*words)
        assert (result.exit_code, result.output.strip()) == (1, told)
    await operator.types("remove", name, "--domain", domain)


async def test_secrets_are_sealed_where_there_is_a_key_and_those_kept_before_are_still_read(
    operator: Operator, domain: DomainId, pool: Pool
) -> None:
    key = secrets.token_bytes(32)
    sealing = operator.with_environment(PRESENCE_SEALING_KEYS=base64.b64encode(key).decode())
    before, after = f"a-{secrets.token_hex(4)}", f"b-{secrets.token_hex(4)}"
    told = {
        before: (await operator.types("add", before, URL, "--domain", domain)).stdout.strip(),
        after: (await sealing.types("add", after, URL, "--domain", domain)).stdout.strip(),
    }
    first, told[after] = told[after], (await sealing.types("rotate", after, "--domain", domain)).stdout.strip()
    rows = await pool.fetch("SELECT secret, previous_secret FROM webhooks WHERE domain_id = $1", domain)
    kept = str([tuple(row.values()) for row in rows])
    assert told[before] in kept
    assert told[after] not in kept
    assert first not in kept

    async def opened(seal: Seal) -> dict[str, list[bytes]]:
        store, gateway = PostgresWebhookStore(pool, seal), GatewayId(secrets.token_hex(4))
        async with asyncio.timeout(60):
            # A gateway that other tests use may hold them already, or take them again before us.
            while True:
                await pool.execute("UPDATE webhooks SET held_by = '', held_until = NULL WHERE domain_id = $1", domain)
                held = {each.name: [*each.secrets] for each in await store.hold(gateway, 60) if each.domain == domain}
                ours = "SELECT count(*) FROM webhooks WHERE domain_id = $1 AND held_by = $2"
                if await pool.fetchval(ours, domain, gateway) == len(told):
                    break
        await store.let_go(gateway)
        return held

    assert await opened(Seal([key])) == {
        before: [key_of(told[before])],
        after: [key_of(told[after]), key_of(first)],
    }
    assert await opened(Seal([b"another".ljust(32)])) == {before: [key_of(told[before])]}, "others need not wait"
    for name in told:
        await operator.types("remove", name, "--domain", domain)


@pytest.mark.parametrize("url", ["ftp://x/y", "crm.example", "https://user:secret@crm.example", "file:///etc/passwd"])
async def test_only_web_addresses_are_told(operator: Operator, domain: DomainId, url: str) -> None:
    assert (await operator.types("add", "crm", url, "--domain", domain)).exit_code == 2
