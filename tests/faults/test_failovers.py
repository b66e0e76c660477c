"""A server dies, and another one takes its place: by the same load and the same checks as every fault."""

from collections.abc import Awaitable, Callable

import pytest

from storage.embedded import EmbeddedServers
from tests.support.faults.site import Site, running_replicated_site
from tests.support.faults.table import FAILOVERS, Fault


@pytest.mark.parametrize("fault", [pytest.param(each, id=each.name) for each in FAILOVERS])
async def test_what_the_server_has_that_takes_over_is_there_once_and_everybody_sees_that_and_nothing_else(
    fault: Fault, servers: EmbeddedServers, survive: Callable[[Fault, Site], Awaitable[None]]
) -> None:
    async with running_replicated_site(servers, synchronously=not fault.may_lose) as site:
        await survive(fault, site)
