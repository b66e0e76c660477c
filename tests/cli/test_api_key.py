"""An operator makes a key, sees it and revokes it."""

import pytest

from accounts.api_keys.scopes import KeyScope
from cli.api_key import _SCOPES
from storage.embedded import EmbeddedServers
from storage.postgres.pool import Pool
from tests.support.company import Company
from tests.support.operator import Operator


@pytest.fixture
def operator(database_url: str, servers: EmbeddedServers) -> Operator:
    return Operator(database_url, servers.redis_url, "api-key")


def test_the_command_line_knows_all_scopes() -> None:
    assert set(_SCOPES) == {scope.value for scope in KeyScope}


async def test_a_key_is_made_listed_and_revoked(operator: Operator, pool: Pool) -> None:
    company = await Company.make(pool)
    await company.add("1001")
    where = ("--domain", company.domain.upper())
    scopes = ("--scope", "presence.read", "--scope", "live")
    made = await operator.types("add", "board", *where, "--user", "1001", *scopes, "--days", "30")
    assert made.output.startswith("key_")
    assert made.output.strip().endswith(f".{company.domain}")
    listed = (await operator.types("list", *where)).output
    assert listed.startswith("board\t1001\tlive,presence.read\tuntil ")
    assert listed.endswith("\tnever used\n")
    again = await operator.types("add", "board", *where, "--user", "1001", *scopes)
    assert again.output == "Error: There is a key of this name already\n"
    assert (await operator.types("revoke", "board", *where)).output == "revoked board\n"
    assert (await operator.types("list", *where)).output == ""
    assert (await operator.types("revoke", "board", *where)).output == "Error: There is no such key\n"


async def test_a_user_who_is_not_there_is_named(operator: Operator, pool: Pool) -> None:
    company = await Company.make(pool)
    result = await operator.types("add", "x", "--domain", company.domain, "--user", "9", "--scope", "chat")
    assert (result.exit_code, result.output) == (1, f"Error: There is no user 9 in {company.domain}\n")
