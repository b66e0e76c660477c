"""`presence webhook`: other people's programs that hear of presence and names."""

import re
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

import click

if TYPE_CHECKING:
    from storage.postgres.webhooks import PostgresWebhookStore

T = TypeVar("T")
_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,62}")
_TOPICS = ("presence", "names")


@click.group()
def webhook() -> None:
    """Programs that are told of changes: add them, change their secrets, turn them off (docs/webhooks.md).

    Works on DATABASE_URL, or on the embedded server. Gateways notice within seconds.
    """


def _name_of(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    if not _NAME.fullmatch(value):
        raise click.BadParameter("lower-case letters, digits, dots and dashes, at most 63")
    return value


def _domain_of(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    return value.lower()


def _address_of(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    from wire.outgoing import is_address

    if not is_address(value):
        raise click.BadParameter("an address like https://example.com/presence, without a user")
    return value


_domain = click.option("--domain", required=True, callback=_domain_of, help="Whose changes it hears of.")
_which = click.argument("name", callback=_name_of)


@webhook.command()
@_which
@click.argument("url", callback=_address_of)
@_domain
@click.option(
    "--topic", "topics", type=click.Choice(_TOPICS), multiple=True, default=_TOPICS, help="Only this; repeat."
)
def add(name: str, url: str, domain: str, topics: tuple[str, ...]) -> None:
    """Tell URL what changes in a domain; prints the secret that messages are signed with, which is shown this once."""
    from webhooks.model import Topic
    from webhooks.signing import make_secret
    from wire.identity import DomainId

    secret = make_secret()
    _run(lambda store: store.add(DomainId(domain), name, url, secret, [Topic(topic) for topic in topics]))
    click.echo(secret)


@webhook.command()
@_which
@_domain
def rotate(name: str, domain: str) -> None:
    """Print a new secret. The one before signs as well, until `presence webhook settle`."""
    from webhooks.signing import make_secret
    from wire.identity import DomainId

    secret = make_secret()
    _run(lambda store: store.rotate(DomainId(domain), name, secret))
    click.echo(secret)


@webhook.command()
@_which
@_domain
def settle(name: str, domain: str) -> None:
    """End the secret before, once the receiver knows the new one."""
    from wire.identity import DomainId

    _run(lambda store: store.settle(DomainId(domain), name))


@webhook.command()
@_which
@_domain
def disable(name: str, domain: str) -> None:
    """Tell it nothing any more."""
    from wire.identity import DomainId

    _run(lambda store: store.set_enabled(DomainId(domain), name, False))


@webhook.command()
@_which
@_domain
def enable(name: str, domain: str) -> None:
    """Tell it again, beginning with everything as it is then."""
    from wire.identity import DomainId

    _run(lambda store: store.set_enabled(DomainId(domain), name, True))


@webhook.command()
@_which
@_domain
def remove(name: str, domain: str) -> None:
    """Forget it."""
    from wire.identity import DomainId

    _run(lambda store: store.remove(DomainId(domain), name))


@webhook.command("list")
def list_webhooks() -> None:
    """Show all: domain, name, state, topics, address."""
    for line in _run(lambda store: store.list_all()):
        state = "enabled" if line.enabled else "disabled"
        state += ", two secrets" if line.has_two_secrets else ""
        if line.failing_seconds is not None:
            state += f", failing for {line.failing_seconds:.0f} s"
        state += f" ({line.problem})" if line.problem else ""
        click.echo("\t".join((line.domain, line.name, state, ",".join(line.topics), line.url)))


def _run(work: "Callable[[PostgresWebhookStore], Awaitable[T]]") -> T:
    from cli.database import run_with_stores
    from cli.sealing import seal_of
    from storage.postgres.webhooks import PostgresWebhookStore

    return run_with_stores(lambda pool, complete: work(PostgresWebhookStore(pool, seal_of(complete))))
