"""`presence simulate`: a telephone switch that is not there, for trying out, for demonstrations and for tests."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, TextIO

import click

from cli.signals import end_by_ourselves, end_in_order_on_signals

if TYPE_CHECKING:
    from pbx.simulation.script import AnyStep
    from storage.postgres.pbx_sources import PostgresSourceStore

_SOURCE = "simulated"
_HOUR = 3_600.0


@click.command()
@click.argument("script", type=click.File(), required=False)
@click.option("--day", is_flag=True, help="An office by day instead of a file, day after day.")
@click.option("--url", default="http://127.0.0.1:8000", show_default=True, help="Where the gateway takes switches.")
@click.option("--domain", default="demo.test", show_default=True, help="Whose phones are played.")
@click.option("--speed", type=click.FloatRange(0), default=1.0, show_default=True, help="Times as fast; 0: no pauses.")
@click.option(
    "--from", "begins", type=click.FloatRange(0, 24), default=10.0, show_default=True, help="Hour the day begins."
)
@click.option("--seed", type=int, default=1, show_default=True, help="Another number makes another day.")
@click.option("--linger", type=click.FloatRange(0), default=0.0, help="Seconds to stay after the last step of a file.")
@click.option("--source", help="As which switch. Without it, one called 'simulated' is made.")
@click.option("--token-from", type=click.File(), metavar="FILE", help="Its token; - is the keyboard or a pipe.")
def simulate(
    script: TextIO | None,
    day: bool,
    url: str,
    domain: str,
    speed: float,
    begins: float,
    seed: int,
    linger: float,
    source: str | None,
    token_from: TextIO | None,
) -> None:
    """Play what happens at a telephone switch to a running gateway: a file (docs/simulate.md), or a day in an office.

    \b
        presence simulate --day              the demo company lives
        presence simulate --day --speed 30   a working day in a quarter of an hour
        presence simulate a-morning.jsonl --source rack-4 --token-from token

    Ends with everybody at home. Without --source it needs DATABASE_URL, or the embedded server.
    """
    from pbx.simulation.day import days
    from pbx.simulation.script import ScriptProblem, parse_script

    if day == bool(script):
        raise click.UsageError("Give either a file or --day")
    if bool(source) != bool(token_from):
        raise click.UsageError("--source and --token-from go together")
    token = token_from.read().strip() if token_from else ""
    users: Sequence[str] = ()
    domain = domain.lower()
    try:
        played = parse_script(script.read()) if script else []
    except ScriptProblem as problem:
        raise click.ClickException(str(problem)) from problem
    if not source:
        source, token, users = _made_source(domain)
    elif day:
        users = _extensions(domain)
    if day and not users:
        raise click.ClickException(f"There is nobody in {domain}")
    steps = days(users, seed, begins * _HOUR) if day else played
    _run(source, token, url, domain, steps, speed=speed, linger=linger)


def _run(
    source: str, token: str, url: str, domain: str, steps: "Iterable[AnyStep]", *, speed: float, linger: float
) -> None:
    import asyncio
    import contextlib

    from pbx.simulation.sending import RefusedByGateway

    end_in_order_on_signals()
    click.echo(f"Playing {domain} as '{source}' to {url}; Ctrl-C sends everybody home.", err=True)
    try:
        with contextlib.suppress(KeyboardInterrupt):
            told = asyncio.run(_play(source, token, url, domain, steps, speed, linger))
            click.echo(f"{told} events told", err=True)
        end_by_ourselves()
    except RefusedByGateway as refused:
        raise click.ClickException(str(refused)) from refused


async def _play(
    source: str, token: str, url: str, domain: str, steps: "Iterable[AnyStep]", speed: float, linger: float
) -> int:
    import secrets

    import httpx2

    from pbx.simulation.sending import Player
    from pbx.simulation.switch import SimulatedSwitch

    switch = SimulatedSwitch(source, domain, lambda: secrets.token_hex(16))
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx2.AsyncClient(base_url=url, headers=headers, trust_env=False, timeout=10) as http:
        player = Player(switch, http)
        try:
            await player.run(steps, speed=speed, linger=linger)
        finally:
            await player.go_home()
        return player.told


def _made_source(domain: str) -> tuple[str, str, Sequence[str]]:
    """A switch of ours for the domain, made if it is not there, with a new token; and whose phones it plays."""
    from accounts.tokens import hash_token
    from cli.source import make_token, run_on_sources
    from wire.errors import Conflict
    from wire.identity import DomainId, SourceId

    token = make_token()
    name = SourceId(f"{_SOURCE}-{domain}"[:63])

    async def make(store: "PostgresSourceStore") -> Sequence[str]:
        try:
            await store.add(name, hash_token(token), [DomainId(domain)], label="Simulated")
        except Conflict:
            await store.rotate(name, hash_token(token), keep_previous=False)
            await store.set_enabled(name, True)
        return await store.extensions(DomainId(domain))

    return name, token, run_on_sources(make)


def _extensions(domain: str) -> Sequence[str]:
    from cli.source import run_on_sources
    from wire.identity import DomainId

    return run_on_sources(lambda store: store.extensions(DomainId(domain)))
