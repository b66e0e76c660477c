"""`presence doctor`: looks at a deployment from where a gateway would run, and says what is wrong with it."""

import asyncio
import os
import secrets
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from cli.diagnosis import Finding
    from settings import Settings

PATIENCE = 5.0
"""Seconds for each thing that is asked."""
SIGNS = {"good": "ok  ", "doubtful": "WARN", "bad": "BAD "}


@click.command()
def doctor() -> None:
    """Look at this deployment: stores, schema, clocks, public address, mail, files, secrets, limits.

    Uses the same settings as `presence serve`, changes nothing, and ends with 1 if something does not work.
    """
    import settings
    from cli.diagnosis import Level, worst
    from cli.failures import told_in_one_line
    from cli.stores import stores

    with told_in_one_line():
        given = settings.load()
        with stores(given) as (complete, _):
            findings = asyncio.run(examine(complete))
    for each in findings:
        click.echo(f"{SIGNS[each.level]}  {each.what}: {settings.mask_url(each.says)}")
    if worst(findings) is Level.BAD:
        raise SystemExit(1)


async def examine(settings: "Settings") -> "list[Finding]":
    """One after the other: what is imported for one must not make another look slow."""
    examinations = {
        "settings": _settings,
        "PostgreSQL": _database,
        "Redis": _redis,
        "public address": _public_address,
        "mail": _mail,
        "files": _files,
        "keys of portals": _keys_of_portals,
        "limits": _limits,
    }
    return [finding for what, look in examinations.items() for finding in await _or_bad(what, look, settings)]


Examination = Callable[["Settings"], Awaitable[list["Finding"]]]


async def _or_bad(what: str, look: Examination, settings: "Settings") -> "list[Finding]":
    from cli.diagnosis import Finding, Level

    try:
        async with asyncio.timeout(4 * PATIENCE):
            return await look(settings)
    except Exception as error:  # noqa: BLE001 - whatever it is: it does not work, and that is what was asked
        cause = f" ({error.__cause__})" if error.__cause__ else ""
        return [Finding(Level.BAD, what, " ".join(f"{str(error) or type(error).__name__}{cause}".split()))]


async def _settings(settings: "Settings") -> "list[Finding]":
    from cli.diagnosis import Finding, Level, of_secret_file
    from settings import unknown_variables

    found = [Finding(Level.DOUBTFUL, name, "is set, but is no setting: misspelt?") for name in unknown_variables()]
    found += [of_secret_file(variable, file, mode) for variable, file, mode in _secret_files()]
    if not settings.sealing_keys:
        found.append(
            Finding(
                Level.DOUBTFUL,
                "PRESENCE_SEALING_KEYS",
                "is not set: second factors and secrets of webhooks are kept as they are",
            )
        )
    return found


def _secret_files() -> list[tuple[str, str, int]]:
    """Variable, file, and who may do what with it."""
    from settings import Settings, variable_of

    variables = [f"{variable_of(name)}_FILE" for name in Settings.__struct_fields__]
    files = [(each, os.environ[each]) for each in variables if os.environ.get(each)]
    return [(variable, file, Path(file).stat().st_mode) for variable, file in files]


async def _database(settings: "Settings") -> "list[Finding]":
    from cli.diagnosis import of_database
    from storage.postgres.about import about_database

    return of_database(await about_database(settings.database_url, PATIENCE), time.time(), settings.database_url)


async def _redis(settings: "Settings") -> "list[Finding]":
    from cli.diagnosis import of_redis
    from storage.redis.about import about_redis

    return of_redis(await about_redis(settings.redis_url), time.time(), settings.redis_url)


async def _public_address(settings: "Settings") -> "list[Finding]":
    """Through the proxy, as clients come: the probe, the WebSocket, and what must not be seen from outside."""
    import httpx2

    from cli.diagnosis import Finding, Level

    url = settings.public_url
    if not url:
        says = "PRESENCE_PUBLIC_URL is not set: links in mails lead to this machine, and cookies are not Secure"
        return [Finding(Level.DOUBTFUL, "public address", says)]
    found = []
    if not url.startswith("https://"):
        found.append(Finding(Level.DOUBTFUL, "public address", f"{url} is not encrypted: passwords go in the clear"))
    async with httpx2.AsyncClient(base_url=url, timeout=PATIENCE) as http:
        ready = await http.get("/readyz")
        level = Level.GOOD if ready.status_code == 200 else Level.BAD
        found.append(Finding(level, "public address", f"{url}/readyz answers {ready.status_code}"))
        if (await http.get("/metrics")).status_code == 200:
            found.append(Finding(Level.DOUBTFUL, "public address", "shows /metrics to everybody: deny it in the proxy"))
    found.append(await _websocket(url))
    if url.startswith("https://"):
        found.append(await _certificate(url))
    return found


async def _websocket(url: str) -> "Finding":
    """Nobody logs in, so that the gateway ends it after ten seconds; who ends it earlier is in between."""
    from websockets.asyncio.client import connect
    from websockets.exceptions import ConnectionClosed, WebSocketException

    from cli.diagnosis import Finding, Level
    from wire.codec import Subprotocol

    what = "WebSocket"
    began = time.monotonic()
    try:
        address = url.replace("http", "ws", 1) + "/ws"
        async with connect(address, subprotocols=[Subprotocol.JSON], open_timeout=PATIENCE) as websocket:  # type: ignore[list-item]
            try:
                async with asyncio.timeout(3 * PATIENCE):
                    await websocket.recv()
            except ConnectionClosed as closed:
                code = closed.rcvd.code if closed.rcvd else 1006
                if code >= 4000:
                    return Finding(Level.GOOD, what, "passes through the proxy, and is ended by the gateway only")
                after = time.monotonic() - began
                says = f"was cut after {after:.0f} s by something in between ({code}): its time-out has to be over 60 s"
                return Finding(Level.BAD, what, says)
    except (WebSocketException, OSError, TimeoutError) as error:
        return Finding(Level.BAD, what, f"does not pass through ({error}): the proxy has to let upgrades to /ws pass")
    return Finding(Level.DOUBTFUL, what, "was neither refused nor ended, as a gateway would")


async def _certificate(url: str) -> "Finding":
    import ssl
    from urllib.parse import urlsplit

    from cli.diagnosis import of_certificate

    parts = urlsplit(url)
    _, writer = await asyncio.wait_for(
        asyncio.open_connection(parts.hostname, parts.port or 443, ssl=ssl.create_default_context()), PATIENCE
    )
    until = ssl.cert_time_to_seconds(writer.get_extra_info("peercert")["notAfter"])
    writer.close()
    return of_certificate((until - time.time()) / 86_400)


async def _mail(settings: "Settings") -> "list[Finding]":
    from cli.diagnosis import Finding, Level
    from mail.smtp import SmtpServer, log_in_and_leave

    if not settings.smtp_url:
        return [Finding(Level.DOUBTFUL, "mail", "SMTP_URL is not set: mails are kept, and read by nobody")]
    server = SmtpServer.of(settings.smtp_url)
    await log_in_and_leave(server, PATIENCE)
    return [Finding(Level.GOOD, "mail", f"{server.host}:{server.port} lets us in")]


async def _files(settings: "Settings") -> "list[Finding]":
    from assembly.shared import files_url_of
    from cli.diagnosis import Finding, Level
    from storage.objects import open_objects, try_out

    url = files_url_of(settings)
    await try_out(open_objects(url), f"doctor-{secrets.token_hex(8)}")
    found = [Finding(Level.GOOD, "files", f"can be kept and deleted in {url}")]
    if not settings.files_url and settings.database_url:
        says = f"PRESENCE_FILES_URL is not set: {url} has to be shared by all gateways"
        found.append(Finding(Level.DOUBTFUL, "files", says))
    return found


async def _keys_of_portals(settings: "Settings") -> "list[Finding]":
    """Those that are read at an address. While they cannot be, what was read before counts."""
    from accounts.single_sign_on.tokens import BadKeys
    from cli.diagnosis import Finding, Level
    from storage.postgres.about import about_database
    from storage.postgres.pool import open_pool
    from storage.postgres.single_sign_on import PostgresSignOnStore
    from web.json_reader import read_keys

    if (await about_database(settings.database_url, PATIENCE)).missing:
        return []  # of which the schema tells
    pool = await open_pool(settings.database_url, max_size=1)
    try:
        issuers = [each for each in await PostgresSignOnStore(pool).hand_over_issuers() if each.keys_url]
    finally:
        await pool.close()
    found = []
    for each in issuers:
        try:
            await read_keys(each.keys_url)
            found.append(Finding(Level.GOOD, "keys of portals", f"{each.keys_url} can be read"))
        except BadKeys as why:
            read_at = f"of {each.keys_read_at:%Y-%m-%d %H:%M} UTC" if each.keys_read_at else "from before"
            says = f"{each.keys_url} cannot be read ({why}): the keys {read_at} count"
            found.append(Finding(Level.DOUBTFUL, "keys of portals", says))
    return found


async def _limits(_settings: "Settings") -> "list[Finding]":
    import resource

    from cli.diagnosis import of_files_limit

    return [of_files_limit(resource.getrlimit(resource.RLIMIT_NOFILE)[0])]
