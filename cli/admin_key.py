"""`presence admin-key`: keys with which whoever runs the service administers it over HTTP."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

import click

if TYPE_CHECKING:
    from accounts.administration.service import AdministrationKeyService
    from storage.postgres.pool import Pool

T = TypeVar("T")

_SCOPES = (
    "audit.read",
    "domains.delete",
    "domains.manage",
    "domains.read",
    "keys.manage",
    "sites.manage",
    "sources.manage",
    "sources.read",
    "users.delete",
    "users.manage",
    "users.read",
)


@click.group("admin-key")
def admin_key() -> None:
    """Administration keys: make them, list them, revoke them (docs/administration.md). Only here, never over HTTP."""


@admin_key.command()
@click.argument("name")
@click.option("--scope", "scopes", type=click.Choice(_SCOPES), multiple=True, required=True, help="Repeat.")
@click.option("--domain", "domains", multiple=True, help="Only this company; repeat for more. Without: all.")
@click.option("--days", type=click.IntRange(1, 3_650), help="Until it ends by itself; without: never.")
def add(name: str, scopes: tuple[str, ...], domains: tuple[str, ...], days: int | None) -> None:
    """Make a key; prints its token, which is shown this once."""
    from accounts.administration.scopes import AdministrationScope
    from wire.identity import DomainId

    if not name.isprintable() or not 0 < len(name.strip()) <= 64:
        raise click.BadParameter("a line of at most 64 characters", param_hint="NAME")
    where = [DomainId(domain.lower()) for domain in domains] or None
    wanted = [AdministrationScope(scope) for scope in scopes]
    click.echo(_run(lambda service: service.make(name.strip(), wanted, where, days)))


@admin_key.command("list")
def list_keys() -> None:
    """Show all: name, scopes, domains, until when, last used."""
    for each in _run(lambda service: service.list_all()):
        until = f"until {each.expires_at:%Y-%m-%d}" if each.expires_at else "for ever"
        used = f"used {each.used_at:%Y-%m-%d %H:%M}" if each.used_at else "never used"
        where = "all domains" if each.domains is None else ",".join(each.domains)
        click.echo("\t".join((each.name, ",".join(each.scopes), where, until, used)))


@admin_key.command()
@click.argument("name")
def revoke(name: str) -> None:
    """End a key."""
    _run(lambda service: service.revoke(name))
    click.echo(f"revoked {name}")


def _run(work: "Callable[[AdministrationKeyService], Awaitable[T]]") -> T:
    from cli.database import run_with_pool

    async def run(pool: "Pool") -> T:
        from accounts.administration.service import AdministrationKeyService
        from storage.postgres.administration import PostgresAdministrationKeyStore

        return await work(AdministrationKeyService(PostgresAdministrationKeyStore(pool)))

    return run_with_pool(run)
