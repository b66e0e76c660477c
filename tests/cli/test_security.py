"""An operator decides what a domain requires of logins."""

import pytest

from storage.embedded import EmbeddedServers
from storage.postgres.pool import Pool, connection
from tests.support.company import Company
from tests.support.operator import Operator


@pytest.fixture
def operator(database_url: str, servers: EmbeddedServers) -> Operator:
    return Operator(database_url, servers.redis_url, "security")


async def test_a_second_factor_is_required_and_not_any_more(operator: Operator, pool: Pool) -> None:
    company = await Company.make(pool)
    required = f"second factor required in {company.domain} (before: "
    for before in ("not required", "required"):
        done = await operator.types("require-second-factor", company.domain.upper())
        assert done.output == f"{required}{before})\n"
    await operator.types("require-second-factor", company.domain, "--off")
    async with connection(pool) as conn:
        lines = await conn.fetch(
            "SELECT user_id, action, after FROM audit WHERE domain_id = $1 ORDER BY audit_id", company.domain
        )
    assert [(line["user_id"], line["after"]) for line in lines] == [
        (None, {"second_factor_required": True}),
        (None, {"second_factor_required": False}),
    ]


async def test_a_domain_that_is_not_there_is_named(operator: Operator) -> None:
    result = await operator.types("require-second-factor", "nowhere.test")
    assert (result.exit_code, result.output) == (1, "Error: There is no domain nowhere.test\n")
