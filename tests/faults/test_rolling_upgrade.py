"""The version before serves; the new schema comes under it, then a gateway of the new version takes over, and nobody
loses a word. The version before is the last commit without the newest migration, with the environment of this one.
"""

import asyncio
import io
import json
import random
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest

from storage.embedded import EmbeddedServers
from storage.postgres.migrate import MIGRATIONS, current_revision, migrate, revisions
from tests.support.client import log_in
from tests.support.gateway import PASSWORD, GatewayProcess, password_hash
from tests.support.resilient import is_ready
from tests.support.talker import Talker
from tests.support.waiting import eventually
from wire.commands import CreateGroup
from wire.identity import ConversationId, DomainId, UserId
from wire.replies import ConversationOpened

__all__ = ["password_hash"]

CHECKOUT = Path(__file__).parents[2]
PEOPLE = 4
AGREE_WITHIN = 90.0
WHOLE_WITHIN = 240.0
ENOUGH = 12
"""Messages between two steps, so that each step has some before and after it."""


def git(*words: str) -> bytes:
    return subprocess.run(["git", *words], cwd=CHECKOUT, capture_output=True, check=True).stdout


@pytest.fixture
def former(tmp_path: Path) -> Path:
    """A checkout of the version before."""
    newest = (MIGRATIONS / "versions" / f"{revisions()[-1]}.sql").relative_to(CHECKOUT)
    try:
        added = git("log", "--diff-filter=A", "--format=%H", "--", str(newest)).split()
        archive = git("archive", f"{added[-1].decode()}^")
    except (OSError, subprocess.CalledProcessError, IndexError):
        pytest.skip("there is no history here to take the version before from")
    with tarfile.open(fileobj=io.BytesIO(archive)) as packed:
        packed.extractall(tmp_path, filter="data")
    return tmp_path


_PEOPLE = """
import asyncio, json, sys
from storage.postgres.pool import open_pool
from tests.support.company import Company

async def make(database_url, password_hash, *extensions):
    pool = await open_pool(database_url)
    company = await Company.make(pool)
    users = {each: await company.add(each, password_hash=password_hash) for each in extensions}
    await pool.close()
    print(json.dumps([company.domain, users]))

asyncio.run(make(*sys.argv[1:]))
"""


def make_people(former: Path, database_url: str, password_hash: str) -> tuple[DomainId, dict[str, UserId]]:
    """By the version before, as the schema is its own still: a domain, and users by their extensions."""
    extensions = [str(1001 + nth) for nth in range(PEOPLE)]
    command = [sys.executable, "-c", _PEOPLE, database_url, password_hash, *extensions]
    told = subprocess.run(command, cwd=former, capture_output=True, check=True).stdout
    domain, users = json.loads(told)
    return DomainId(domain), {extension: UserId(user) for extension, user in users.items()}


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    """Gateways are gone at the end, however it comes."""
    with ExitStack() as stack:
        yield stack


class Rollout:
    """Who serves at the moment, and what was acknowledged: conversation and number by sender and text."""

    def __init__(self, serving: list[GatewayProcess]) -> None:
        self.serving = serving
        self.talkers: list[Talker] = []
        self.acknowledged: dict[str, int] = {}
        self.over = False
        self._more = asyncio.Condition()

    async def talk(self, talker: Talker, conversation: ConversationId) -> None:
        nth = 0
        while not self.over:
            body = f"{talker.me} says {nth}"
            sent = await talker.send(conversation, body)
            assert sent is not None
            self.acknowledged[body] = sent[1]
            nth += 1
            async with self._more:
                self._more.notify_all()
            await asyncio.sleep(0.05)

    async def goes_on(self) -> None:
        """Until some more messages were acknowledged."""
        wanted = len(self.acknowledged) + ENOUGH
        async with asyncio.timeout(AGREE_WITHIN), self._more:
            await self._more.wait_for(lambda: len(self.acknowledged) >= wanted)

    async def replace(self, old: GatewayProcess, new: GatewayProcess) -> None:
        """As the page on upgrades says: the new one is ready before the old one is told to go."""
        async with asyncio.timeout(AGREE_WITHIN):
            while not await is_ready(new):  # noqa: ASYNC110 - it tells nobody when it is
                await asyncio.sleep(0.1)
        self.serving = [*self.serving, new]
        self.serving.remove(old)
        assert await asyncio.to_thread(old.stop) == 0


async def _when_whole(talker: Talker, shown: Callable[[Talker], dict[str, int]]) -> dict[str, int]:
    async with asyncio.timeout(AGREE_WITHIN):
        await talker.until_whole()
    return shown(talker)


async def test_from_one_version_to_the_next_nobody_loses_a_word(
    clean_servers: Callable[[], EmbeddedServers], former: Path, password_hash: str, stack: ExitStack
) -> None:
    servers = clean_servers()
    where = servers.database_url, servers.redis_url

    class FormerGateway(GatewayProcess):
        checkout = former

    old = await asyncio.to_thread(FormerGateway, *where)
    stack.callback(old.kill)
    assert await current_revision(servers.database_url) == revisions()[-2], "the old one brought its own schema"
    rollout = Rollout([old])
    domain, users = await asyncio.to_thread(make_people, former, servers.database_url, password_hash)
    for extension, user in users.items():
        token = await log_in(old.url, f"{extension}@{domain}", PASSWORD)
        rollout.talkers += [Talker(user, token, lambda: rollout.serving, random.Random(user + n)) for n in (0, 50)]  # noqa: S311
    made = await rollout.talkers[0].ask(
        CreateGroup(client_id="the-group-of-all", name="all", users=list(users.values()))
    )
    assert isinstance(made, ConversationOpened)
    conversation = made.conversation.conversation
    async with asyncio.timeout(WHOLE_WITHIN), asyncio.TaskGroup() as group:
        for talker in rollout.talkers[::2]:
            group.create_task(rollout.talk(talker, conversation))
        await rollout.goes_on()
        assert await asyncio.to_thread(migrate, servers.database_url) == [revisions()[-1]]
        await rollout.goes_on()
        new = await asyncio.to_thread(GatewayProcess, *where)
        stack.callback(new.kill)
        await rollout.replace(old, new)
        await rollout.goes_on()
        rollout.over = True

    def shown(talker: Talker) -> dict[str, int]:
        return {m.body: m.seq for m in talker.known.threads[conversation].messages.values() if m.body}

    # Each once, in one order, for everybody. Whoever was told of the last one knows what it lacks.
    for talker in rollout.talkers:
        await eventually(partial(_when_whole, talker, shown), rollout.acknowledged)
    assert all(
        len(talker.known.threads[conversation].messages) == talker.known.threads[conversation].last_seq
        for talker in rollout.talkers
    )
    assert all(talker.connections > 1 for talker in rollout.talkers), "they were sent to another gateway"
    for talker in rollout.talkers:
        await talker.close()
