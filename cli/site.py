"""`presence site`: places within a domain, with settings that users take over."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from cli.administering import as_json, given, operator_of, tell, tell_list, telling

if TYPE_CHECKING:
    from accounts.sites.service import SiteService
    from settings import Settings
    from storage.postgres.pool import Pool
    from wire.identity import Caller

T = TypeVar("T")


@click.group()
def site() -> None:
    """Sites of a domain. Every command can be repeated: what is so already is left as it is."""


_OPTIONS = (
    click.option("--time-zone", help="Such as Europe/Berlin; empty: the domain's."),
    click.option("--area-code", help="Digits."),
    click.option("--record-calls/--no-record-calls", default=None),
    click.option("--list/--no-list", "list_in_directory", default=None, help="List in directory."),
    click.option("--announce/--no-announce", "announce_in_directory", default=None, help="In the audio directory."),
)


def _with_options(command: Any) -> Any:
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@site.command("add")
@click.argument("domain")
@click.argument("site")
@_with_options
@as_json
def add(domain: str, site: str, as_json: bool, **options: Any) -> None:
    """Add SITE to DOMAIN."""
    wanted = {"name": site, **given(**options)}

    async def work(service: "SiteService", caller: "Caller") -> bool:
        import msgspec

        from accounts.sites.errors import SiteExists
        from wire.accounts import NewSite

        try:
            await service.add(caller, _converted(wanted, NewSite, msgspec))
        except SiteExists:
            return False
        return True

    added = _run(domain, work)
    sentence = f"added {site}" if added else f"{site} is there already"
    tell({"site": site, "changed": added}, sentence, json_wanted=as_json)


@site.command("set")
@click.argument("domain")
@click.argument("site")
@click.option("--name", help="Another name for it.")
@_with_options
@as_json
def set_site(domain: str, site: str, as_json: bool, **options: Any) -> None:
    """Change what is named of SITE, for everybody who follows it, at once."""
    wanted = given(**options)

    async def work(service: "SiteService", caller: "Caller") -> str:
        import msgspec

        from wire.accounts import SiteEdit

        return (await service.edit(caller, site, _converted(wanted, SiteEdit, msgspec))).name

    name = _run(domain, work)
    tell({"site": name}, f"{name} is as wanted", json_wanted=as_json)


@site.command("list")
@click.argument("domain")
@as_json
def list_all(domain: str, as_json: bool) -> None:
    """Show the sites of DOMAIN: name, users, time zone, area code."""
    import msgspec

    async def work(service: "SiteService", caller: "Caller") -> list[dict[str, Any]]:
        return [msgspec.to_builtins(each) for each in (await service.list_all(caller)).items]

    tell_list(_run(domain, work), ("name", "users", "time_zone", "area_code"), json_wanted=as_json)


@site.command("delete")
@click.argument("domain")
@click.argument("site")
@as_json
def delete(domain: str, site: str, as_json: bool) -> None:
    """Delete SITE, at which nobody may be any more."""

    async def work(service: "SiteService", caller: "Caller") -> bool:
        from accounts.sites.errors import SiteNotFound

        try:
            await service.remove(caller, site)
        except SiteNotFound:
            return False
        return True

    deleted = _run(domain, work)
    tell({"site": site, "changed": deleted}, f"deleted {site}" if deleted else "not there", json_wanted=as_json)


def _converted(wanted: dict[str, Any], kind: Any, msgspec: Any) -> Any:
    try:
        return msgspec.convert(wanted, kind)
    except msgspec.ValidationError as error:
        raise click.ClickException(str(error)) from error


def _run(domain: str, work: "Callable[[SiteService, Caller], Awaitable[T]]") -> T:
    from cli.database import run_with_stores
    from wire.identity import DomainId

    where = DomainId(domain.lower())

    async def run(pool: "Pool", complete: "Settings") -> T:
        from accounts.sites.service import SiteService
        from storage.postgres.profiles import PostgresProfileStore
        from storage.postgres.sites import PostgresSiteStore

        async with telling(pool, complete) as (bus, presence):
            await _check_there(pool, where)
            service = SiteService(PostgresSiteStore(pool), PostgresProfileStore(pool), bus, presence)
            return await work(service, operator_of(where))

    return run_with_stores(run)


async def _check_there(pool: "Pool", domain: str) -> None:
    from storage.postgres.administering import list_domains
    from wire.errors import NotFound

    if domain not in {each["domain"] for each in await list_domains(pool)}:
        raise NotFound(f"There is no domain {domain}")
