"""`presence source`: the telephone switches that may tell us about registrations and calls."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TextIO, TypeVar

import click

from cli.administering import administrator_in, converted

if TYPE_CHECKING:
    from pbx.sources.service import SourceService
    from settings import Settings
    from storage.postgres.pbx_sources import PostgresSourceStore
    from storage.postgres.pool import Pool
    from wire.identity import Caller

T = TypeVar("T")


@click.group()
def source() -> None:
    """Telephone switches that may report: add them, change their tokens, turn them off.

    Works on DATABASE_URL, or on the embedded server.
    """


_domain = click.option("--domain", "domains", multiple=True, required=True, help="A domain it may speak for; repeat.")


def _name_of(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    from pbx.sources.naming import is_name

    if not is_name(value):
        raise click.BadParameter("lower-case letters, digits, dots and dashes, at most 63, and none of ours")
    return value


@source.command()
@click.argument("name", callback=_name_of)
@_domain
@click.option("--label", default="", help="What people call it.")
def add(name: str, domains: tuple[str, ...], label: str) -> None:
    """Let the switch NAME report, and print its token, which is shown this once."""
    from wire.administration import NewSource

    new = converted({"source": name, "domains": list(domains), "label": label}, NewSource)
    click.echo(_run(lambda service, caller: service.add(caller, new)).token)


@source.command()
@click.argument("name")
@click.option("--now", is_flag=True, help="The token before ends at once, instead of with `presence source settle`.")
def rotate(name: str, now: bool) -> None:
    """Print a new token. The one before is still taken, so that the switch can change over without a gap."""
    from wire.identity import SourceId

    click.echo(_run(lambda service, caller: service.rotate(caller, SourceId(name), keep_previous=not now)).token)


@source.command()
@click.argument("name")
def settle(name: str) -> None:
    """End the token before, once the switch has changed over to the new one."""
    from wire.identity import SourceId

    _run(lambda service, caller: service.settle(caller, SourceId(name)))


@source.command()
@click.argument("name")
def disable(name: str) -> None:
    """Take nothing from the switch any more. What it has reported ends with its leases."""
    _edit(name, enabled=False)


@source.command()
@click.argument("name")
def enable(name: str) -> None:
    """Take what the switch reports again."""
    _edit(name, enabled=True)


@source.command()
@click.argument("name")
@_domain
def allow(name: str, domains: tuple[str, ...]) -> None:
    """Let the switch report of further domains. May be repeated."""
    _let_speak_for(name, domains, True)


@source.command()
@click.argument("name")
@_domain
def forbid(name: str, domains: tuple[str, ...]) -> None:
    """Take nothing of these domains from the switch any more. May be repeated."""
    _let_speak_for(name, domains, False)


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
    from wire.outgoing import is_address

    if no_commands == bool(commands_to):
        raise click.UsageError("Give either --commands-to or --no-commands")
    if commands_to and not is_address(commands_to):
        raise click.BadParameter(
            "an address like https://switch.example:5080, without a user", param_hint="--commands-to"
        )
    token = {"command_token": token_from.read().strip()} if token_from and commands_to else {}
    made = _edit(name, command_url=commands_to or "", **token)
    if made:
        click.echo(made)


@source.command()
@click.argument("name")
def resync(name: str) -> None:
    """Ask the switch for everything it knows, with its next message, instead of within ten minutes.

    For when something was changed there by hand, or a colour looks wrong. Needs REDIS_URL, as gateways do.
    """
    from wire.identity import SourceId

    _run(lambda service, caller: service.resync(caller, SourceId(name)))


@source.command("list")
def list_sources() -> None:
    """Show all switches: name, state, domains, label, where they take commands."""
    for line in _run(lambda service, caller: service.list_all(caller)).items:
        state = "enabled" if line.enabled else "disabled"
        if line.has_two_tokens:
            state += ", two tokens"
        click.echo("\t".join((line.source, state, ",".join(line.domains), line.label, line.command_url)).rstrip())


def _edit(name: str, **wanted: object) -> str | None:
    """The token for commands, if one was made."""
    from wire.administration import SourceEdit
    from wire.identity import SourceId

    edit = converted(wanted, SourceEdit)
    return _run(lambda service, caller: service.edit(caller, SourceId(name), edit)).command_token


def _let_speak_for(name: str, domains: tuple[str, ...], may: bool) -> None:
    from wire.identity import DomainId, SourceId

    async def work(service: "SourceService", caller: "Caller") -> None:
        for domain in domains:
            await service.let_speak_for(caller, SourceId(name), DomainId(domain.lower()), may)

    _run(work)


def _run(work: "Callable[[SourceService, Caller], Awaitable[T]]") -> T:
    from cli.database import run_with_stores

    async def run(pool: "Pool", complete: "Settings") -> T:
        from cli.sealing import seal_of
        from pbx.sources.service import SourceService
        from storage.postgres.pbx_sources import PostgresSourceStore
        from storage.redis.client import make_client
        from storage.redis.sources import RedisSourceMemory
        from wire.identity import DomainId

        client = make_client(complete.redis_url)
        try:
            sources = PostgresSourceStore(pool, seal=seal_of(complete))
            service = SourceService(sources, RedisSourceMemory(client))
            return await work(service, administrator_in(DomainId("")))
        finally:
            await client.aclose()

    return run_with_stores(run)


def make_token() -> str:
    """A bearer token that nobody can guess."""
    import secrets

    return secrets.token_urlsafe(32)


def run_on_sources(work: "Callable[[PostgresSourceStore], Awaitable[T]]") -> T:
    """Works on DATABASE_URL or the embedded server; tells what cannot be in one line."""
    from cli.database import run_with_stores
    from cli.sealing import seal_of
    from storage.postgres.pbx_sources import PostgresSourceStore

    return run_with_stores(lambda pool, complete: work(PostgresSourceStore(pool, seal=seal_of(complete))))
