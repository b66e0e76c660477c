"""One fault, from the first person who comes to the verdict."""

import asyncio
from collections.abc import Sequence

from tests.support.company import Company
from tests.support.faults.judge import Judge, Verdict
from tests.support.faults.people import Person, come_together, leave_all
from tests.support.faults.site import Site
from tests.support.faults.table import Fault
from tests.support.gateway import People

PEOPLE = 6
BEFORE = 1.0
"""Seconds for which all is well first."""
AGREE_WITHIN = 60.0


async def tried(fault: Fault, site: Site, password_hash: str) -> Verdict:
    await site.until_ready()
    company = await Company.make(site.pool)
    staff = People(site.pool, company, site.left.process, password_hash)
    users = [await staff.add(str(1001 + number)) for number in range(PEOPLE)]
    people = await come_together(site.proxy.url, {user: await staff.token(user) for user in users}, seed=1)
    try:
        return await _suffered(fault, site, people, company)
    finally:
        await leave_all(people)


async def _suffered(fault: Fault, site: Site, people: Sequence[Person], company: Company) -> Verdict:
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
    await judge.until_agreed(AGREE_WITHIN, site.pool, company.domain, may_lose=fault.may_lose)
    return await judge.verdict(fault.name, ended - began, recovered, site.pool, company.domain)
