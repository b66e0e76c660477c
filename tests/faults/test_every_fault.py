"""Six people on two gateways use the service while something breaks: every fault by the same load and the same checks.

At no time is anything shown as known that was not true for longer than the fault explains, no message that was
acknowledged is lost, none is there twice, and everything is well again by itself.
"""

import shutil
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from storage.embedded import EmbeddedServers
from storage.postgres.migrate import migrate
from tests.support.faults.site import Site, running_site
from tests.support.faults.table import FAULTS, Fault
from tests.support.folders import make_data_folder


@pytest.fixture(scope="module")
def own_servers(used_folder: Path) -> Iterator[EmbeddedServers]:
    folder = make_data_folder()
    subprocess.run(["cp", "-a", f"{used_folder}/.", str(folder)], check=True)
    with EmbeddedServers.start(folder, durable=False) as running:
        migrate(running.database_url)
        yield running
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
async def site(own_servers: EmbeddedServers) -> AsyncIterator[Site]:
    async with running_site(own_servers) as running:
        yield running


@pytest.mark.parametrize(
    "fault", [pytest.param(each, id=each.name, marks=pytest.mark.long if each.is_long else ()) for each in FAULTS]
)
async def test_nothing_is_lost_or_shown_wrong_and_all_is_well_again_after(
    fault: Fault, site: Site, survive: Callable[[Fault, Site], Awaitable[None]]
) -> None:
    await survive(fault, site)
