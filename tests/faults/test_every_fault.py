"""Six people on two gateways use the service while something breaks: every fault by the same load and the same checks.

At no time is anything shown as known that was not true for longer than the fault explains, no message that was
acknowledged is lost, none is there twice, and everything is well again by itself.
"""

import asyncio
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path

import pytest

from storage.embedded import EmbeddedServers
from storage.postgres.migrate import migrate
from tests.support.company import Company
from tests.support.faults.judge import Judge, Verdict
from tests.support.faults.people import Person, come_together, leave_all
from tests.support.faults.report import written
from tests.support.faults.site import Site, running_site
from tests.support.faults.table import FAULTS, Fault
from tests.support.folders import make_data_folder
from tests.support.gateway import People

PEOPLE = 6
BEFORE = 1.0
"""Seconds for which all is well first."""
AGREE_WITHIN = 60.0


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


@pytest.fixture(scope="module")
def verdicts(request: pytest.FixtureRequest) -> Iterator[list[Verdict]]:
    """Written to the file of `--faults-to` at the end."""
    given: list[Verdict] = []
    yield given
    target = request.config.getoption("--faults-to")
    if target:
        Path(target).write_text(written(given), encoding="utf-8")


@pytest.mark.parametrize(
    "fault", [pytest.param(each, id=each.name, marks=pytest.mark.long if each.is_long else ()) for each in FAULTS]
)
async def test_nothing_is_lost_or_shown_wrong_and_all_is_well_again_after(
    fault: Fault, site: Site, verdicts: list[Verdict], password_hash: str
) -> None:
    await site.until_ready()
    company = await Company.make(site.pool)
    staff = People(site.pool, company, site.left.process, password_hash)
    users = [await staff.add(str(1001 + number)) for number in range(PEOPLE)]
    people = await come_together(site.proxy.url, {user: await staff.token(user) for user in users}, seed=1)
    try:
        verdict = await suffered(fault, site, people, company)
    finally:
        await leave_all(people)
    verdicts.append(verdict)
    print(verdict)  # noqa: T201 - shown when the test fails
    assert (verdict.lost, verdict.twice) == (0, 0)
    assert verdict.wrong <= fault.wrong
    assert verdict.recovered <= fault.recovered


async def suffered(fault: Fault, site: Site, people: Sequence[Person], company: Company) -> Verdict:
    loop, over = asyncio.get_running_loop(), asyncio.Event()
    judge = Judge(people)
    async with asyncio.TaskGroup() as group:
        for person in people:
            group.create_task(person.live(over))
        await asyncio.sleep(BEFORE)
        began = loop.time()
        async with fault.of(site):
            await asyncio.sleep(fault.seconds)
        ended = loop.time()
        recovered = await judge.until_recovered(ended, fault.recovered)
        over.set()
    await judge.until_agreed(AGREE_WITHIN)
    return await judge.verdict(fault.name, ended - began, recovered, site.pool, company.domain)
