"""`presence api-key`: keys with which programs ask and act."""

from typing import TYPE_CHECKING

import click

from cli.administering import Administration, administer_there, converted, given

if TYPE_CHECKING:
    from wire.security import ApiKey

_SCOPES = (
    "audit.read",
    "chat",
    "contacts.manage",
    "contacts.read",
    "directory.read",
    "domain.manage",
    "live",
    "presence.read",
    "presence.set",
    "sites.manage",
    "users.administer",
    "users.manage",
    "users.read",
)


@click.group("api-key")
def api_key() -> None:
    """Keys of programs: make them, list them, revoke them (docs/login.md)."""


def _domain_of(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    return value.lower()


_domain = click.option("--domain", required=True, callback=_domain_of, help="Whose key it is.")


@api_key.command()
@click.argument("name")
@_domain
@click.option("--user", "extension", required=True, help="The extension as whose user it acts.")
@click.option("--scope", "scopes", type=click.Choice(_SCOPES), multiple=True, required=True, help="Repeat.")
@click.option("--days", type=click.IntRange(1, 3_650), help="Until it ends by itself; without: never.")
def add(name: str, domain: str, extension: str, scopes: tuple[str, ...], days: int | None) -> None:
    """Make a key; prints its token, which is shown this once."""
    from wire.security import NewApiKey

    wanted = {"name": name, "scopes": list(scopes), "extension": extension, **given(days=days)}
    new = converted(wanted, NewApiKey)

    async def work(administration: Administration) -> str:
        return (await administration.api_keys.make(administration.caller, new)).token

    click.echo(administer_there(domain, work))


@api_key.command("list")
@_domain
def list_keys(domain: str) -> None:
    """Show all: name, extension, scopes, until when, last used."""

    async def work(administration: Administration) -> "list[ApiKey]":
        return (await administration.api_keys.list_all(administration.caller)).items

    for each in administer_there(domain, work):
        until = f"until {each.expires_at:%Y-%m-%d}" if each.expires_at else "for ever"
        used = f"used {each.used_at:%Y-%m-%d %H:%M}" if each.used_at else "never used"
        click.echo("\t".join((each.name, each.extension, ",".join(each.scopes), until, used)))


@api_key.command()
@click.argument("name")
@_domain
def revoke(name: str, domain: str) -> None:
    """End a key, and close its connections."""

    async def work(administration: Administration) -> None:
        await administration.api_keys.revoke_by_name(administration.caller, name)

    administer_there(domain, work)
    click.echo(f"revoked {name}")
