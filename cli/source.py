"""`presence source`: the telephone switches that may tell us about registrations and calls."""

import re
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TextIO, TypeVar

import click

if TYPE_CHECKING:
    from storage.postgres.pbx_sources import PostgresSourceStore
    from wire.identity import SourceId

T = TypeVar("T")

_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,62}")
_TAKEN = frozenset({"portal", "adapters"})
"""`portal` is what users say through us; `adapters` stands in the addresses of other switches."""


@click.group()
def source() -> None:
    """Telephone switches that may report: add them, change their tokens, turn them off.

    Works on DATABASE_URL, or on the embedded server.
    """


def _name_of(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    if value in _TAKEN or not _NAME.fullmatch(value):
        raise click.BadParameter("lower-case letters, digits, dots and dashes, at most 63, and none of ours")
    return value


@source.command()
@click.argument("name", callback=_name_of)
@click.option("--domain", "domains", multiple=True, required=True, help="A domain it may speak for; repeat for more.")
@click.option("--label", default="", help="What people call it.")
def add(name: str, domains: tuple[str, ...], label: str) -> None:
    """Let the switch NAME report, and print its token, which is shown this once."""
    from accounts.tokens import hash_token
    from wire.identity import DomainId, SourceId

    token = make_token()
    run_on_sources(
        lambda store: store.add(
            SourceId(name), hash_token(token), [DomainId(domain.lower()) for domain in domains], label=label
        )
    )
    click.echo(token)


@source.command()
@click.argument("name")
@click.option("--now", is_flag=True, help="The token before ends at once, instead of with `presence source settle`.")
def rotate(name: str, now: bool) -> None:
    """Print a new token. The one before is still taken, so that the switch can change over without a gap."""
    from accounts.tokens import hash_token
    from wire.identity import SourceId

    token = make_token()
    run_on_sources(lambda store: store.rotate(SourceId(name), hash_token(token), keep_previous=not now))
    click.echo(token)


@source.command()
@click.argument("name")
def settle(name: str) -> None:
    """End the token before, once the switch has changed over to the new one."""
    from wire.identity import SourceId

    run_on_sources(lambda store: store.end_previous_token(SourceId(name)))


@source.command()
@click.argument("name")
def disable(name: str) -> None:
    """Take nothing from the switch any more. What it has reported ends with its leases."""
    from wire.identity import SourceId

    run_on_sources(lambda store: store.set_enabled(SourceId(name), False))


@source.command()
@click.argument("name")
def enable(name: str) -> None:
    """Take what the switch reports again."""
    from wire.identity import SourceId

    run_on_sources(lambda store: store.set_enabled(SourceId(name), True))


@source.command("set")
@click.argument("name")
@click.option("--commands-to", metavar="URL", help="Where the switch takes commands, e.g. http://10.0.0.5:5080")
@click.option("--no-commands", is_flag=True, help="Tell the switch nothing any more; what waits is forgotten.")
@click.option(
    "--token-from", type=click.File(), metavar="FILE", help="The token that we show; - is the keyboard or a pipe."
)
def set_source(name: str, commands_to: str | None, no_commands: bool, token_from: TextIO | None) -> None:
    """Tell the switch what users set in the portal, such as Do Not Disturb.

    Prints a new token that we will show to the switch, unless one is given.
    """
    from web.outgoing import is_address
    from wire.identity import SourceId

    if no_commands == bool(commands_to):
        raise click.UsageError("Give either --commands-to or --no-commands")
    if commands_to and not is_address(commands_to):
        raise click.BadParameter(
            "an address like https://switch.example:5080, without a user", param_hint="--commands-to"
        )
    token = "" if no_commands else (token_from.read().strip() if token_from else make_token())
    if commands_to and not (token.isascii() and token.isprintable() and " " not in token and token):
        raise click.BadParameter("a token is one word of letters, digits and signs", param_hint="--token-from")
    run_on_sources(lambda store: store.set_commands(SourceId(name), commands_to or "", token))
    if commands_to and not token_from:
        click.echo(token)


@source.command()
@click.argument("name")
def resync(name: str) -> None:
    """Ask the switch for everything it knows, with its next message, instead of within ten minutes.

    For when something was changed there by hand, or a colour looks wrong. Needs REDIS_URL, as gateways do.
    """
    from wire.identity import SourceId

    _run_on_memory(SourceId(name))


@source.command("list")
def list_sources() -> None:
    """Show all switches: name, state, domains, label, where they take commands."""
    for line in run_on_sources(lambda store: store.list_all()):
        state = "enabled" if line.enabled else "disabled"
        if line.has_two_tokens:
            state += ", two tokens"
        click.echo("\t".join((line.source, state, ",".join(line.domains), line.label, line.command_url)).rstrip())


def make_token() -> str:
    """A bearer token that nobody can guess."""
    import secrets

    return secrets.token_urlsafe(32)


def run_on_sources(work: "Callable[[PostgresSourceStore], Awaitable[T]]") -> T:
    """Works on DATABASE_URL or the embedded server; tells what cannot be in one line."""
    import asyncio

    import settings
    from cli.failures import told_in_one_line
    from cli.stores import stores

    with told_in_one_line():
        given = settings.load()
        if given.database_url:
            return asyncio.run(_with_store(given.database_url, work))
        with stores(given) as (complete, _):
            return asyncio.run(_with_store(complete.database_url, work))


async def _with_store(database_url: str, work: "Callable[[PostgresSourceStore], Awaitable[T]]") -> T:
    from storage.postgres.pbx_sources import PostgresSourceStore
    from storage.postgres.pool import open_pool
    from wire.errors import Conflict, NotFound

    pool = await open_pool(database_url)
    try:
        return await work(PostgresSourceStore(pool))
    except (NotFound, Conflict) as error:
        raise click.ClickException(error.message) from error
    finally:
        await pool.close()


def _run_on_memory(name: "SourceId") -> None:
    import asyncio

    import settings
    from cli.failures import told_in_one_line
    from cli.stores import stores

    with told_in_one_line(), stores(settings.load()) as (complete, _):
        asyncio.run(_doubt(complete.database_url, complete.redis_url, name))


async def _doubt(database_url: str, redis_url: str, name: "SourceId") -> None:
    from pbx.sequence import doubted
    from storage.redis.client import make_client
    from storage.redis.sources import RedisSourceMemory

    if await _with_store(database_url, lambda store: store.find(name)) is None:
        raise click.ClickException(f"There is no source {name}")
    client = make_client(redis_url)
    try:
        memory = RedisSourceMemory(client)
        kept = False
        while not kept:
            recalled = await memory.recall(name)
            kept = await memory.keep(name, recalled, doubted(recalled.position))
    finally:
        await client.aclose()
