"""A server dies, and another one takes its place: by the same load and the same checks as every fault."""

from collections.abc import Awaitable, Callable

import pytest

from storage.embedded import EmbeddedServers
from tests.support.faults.site import Site, running_replicated_site
from tests.support.faults.table import FAILOVERS, Fault


@pytest.mark.parametrize("fault", [pytest.param(each, id=each.name) for each in FAILOVERS])
async def test_what_was_acknowledged_is_there_once_on_the_server_that_takes_over(
    fault: Fault, servers: EmbeddedServers, survive: Callable[[Fault, Site], Awaitable[None]]
) -> None:
    async with running_replicated_site(servers) as site:
        await survive(fault, site)
