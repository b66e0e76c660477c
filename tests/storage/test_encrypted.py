"""Both stores over TLS, with a certificate that is checked; and PostgreSQL behind a proxy that pools transactions."""

import asyncio
import os
import random
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from storage.embedded import EmbeddedServers
from storage.postgres.migrate import migrate, revisions
from storage.postgres.pool import Pool, open_pool
from storage.redis.client import errors_translated, make_client
from tests.support.company import Company
from tests.support.ears import Ear, running_bus
from tests.support.encrypted import behind_tls, make_certificate
from tests.support.gateway import GatewayProcess, People, password_hash
from tests.support.ports import free_port
from tests.support.talker import Talker
from tests.support.waiting import eventually
from wire.commands import OpenConversation, SetDnd
from wire.errors import Unavailable
from wire.events import ProfileChanged
from wire.identity import DomainId, UserId
from wire.replies import ConversationOpened

__all__ = ["password_hash"]

# Debian keeps it where only root's PATH leads.
PGBOUNCER = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin")


async def test_redis_is_spoken_to_over_tls_by_commands_and_by_the_bus(servers: EmbeddedServers, tmp_path: Path) -> None:
    ours, strange = make_certificate(tmp_path, "ours"), make_certificate(tmp_path, "strange")
    event = ProfileChanged(at=datetime(2026, 11, 22, tzinfo=UTC))
    async with behind_tls(servers.redis_url, ours) as address:
        url = f"rediss:{address}?ssl_ca_certs={ours}"
        ear, domain = Ear(), DomainId("tls.test")
        async with running_bus(url, url) as bus:
            await bus.follow(domain, ear)
            for nth in range(50):
                await bus.announce(domain, event, [UserId(nth)])
            await ear.hears(50)
            assert ear.times_lost == 0

        client = make_client(f"rediss:{address}?ssl_ca_certs={strange}")
        with pytest.raises(Unavailable):
            async with errors_translated():
                await client.ping()
        await client.aclose()


async def test_postgres_is_migrated_and_asked_over_tls(
    servers: EmbeddedServers, empty_database: str, tmp_path: Path
) -> None:
    ours, strange = make_certificate(tmp_path, "ours"), make_certificate(tmp_path, "strange")
    async with behind_tls(empty_database, ours) as address:
        checked = f"postgresql:{address}?sslmode=verify-full&sslrootcert="
        assert await asyncio.to_thread(migrate, f"{checked}{ours}") == revisions()
        pool = await open_pool(f"{checked}{ours}")
        assert await pool.fetchval("SELECT count(*) FROM domains") == 0
        await pool.close()
        with pytest.raises(Unavailable):
            await open_pool(f"{checked}{strange}")


async def listens_at(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


@asynccontextmanager
async def pgbouncer(url: str, folder: Path) -> AsyncIterator[str]:
    """In transaction mode, with two connections for everybody: who leaves something behind meets it elsewhere."""
    parts = urlsplit(url)
    port = free_port()
    login = f"user={parts.username} password={unquote(parts.password or '')}"
    settings = {
        "listen_addr": "127.0.0.1",
        "listen_port": str(port),
        "unix_socket_dir": "",
        "auth_type": "any",
        "pool_mode": "transaction",
        "default_pool_size": "2",
        "max_client_conn": "200",
    }
    file = folder / "pgbouncer.ini"
    lines = [f"{name} = {value}" for name, value in settings.items()]
    file.write_text(f"[databases]\n* = host=127.0.0.1 port={parts.port} {login}\n[pgbouncer]\n" + "\n".join(lines))
    file.chmod(0o644)
    process = subprocess.Popen(  # noqa: ASYNC220 - starts in no time, and is signalled and waited for only
        [str(PGBOUNCER), "-q", str(file)],
        user="nobody" if os.geteuid() == 0 else None,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        await eventually(lambda: listens_at(port), True)
        yield f"postgresql://somebody@127.0.0.1:{port}{parts.path}?pgbouncer=true"
    finally:
        process.kill()
        process.wait()


@pytest.mark.skipif(PGBOUNCER is None, reason="there is no pgbouncer on this machine")
async def test_a_gateway_serves_through_a_proxy_that_pools_transactions(
    servers: EmbeddedServers, pool: Pool, password_hash: str, data_folder: Path
) -> None:
    async with pgbouncer(servers.database_url, data_folder) as url:
        gateway = await asyncio.to_thread(GatewayProcess, url, servers.redis_url)
        talkers: list[Talker] = []
        try:
            people = People(pool, await Company.make(pool), gateway, password_hash)
            users = [await people.add(str(1001 + nth)) for nth in range(5)]
            choice = random.Random(1)  # noqa: S311
            talkers = [Talker(user, await people.token(user), lambda: [gateway], choice) for user in users]
            opened = [await talker.ask(OpenConversation(user=users[0])) for talker in talkers[1:]]
            conversations = [each.conversation.conversation for each in opened if isinstance(each, ConversationOpened)]
            assert len(conversations) == len(users) - 1
            for nth in range(10):
                sent = [
                    talker.send(conversation, f"{nth}")
                    for talker, conversation in zip(talkers[1:], conversations, strict=True)
                ]
                acknowledged = await asyncio.gather(*sent, *(talker.ask(SetDnd(on=True)) for talker in talkers))
                assert [each[1] for each in acknowledged[: len(sent)] if isinstance(each, tuple)] == [nth + 1] * len(
                    sent
                )

            async def read() -> list[int]:
                shown = talkers[0].known.shown()
                return [len(shown[each].messages) for each in conversations if each in shown]

            await eventually(read, [10] * len(conversations))
        finally:
            for talker in talkers:
                await talker.close()
            gateway.kill()
