"""`presence site`: places within a domain, with settings that users take over."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from cli.administering import Administration, administer_there, as_json, converted, given, tell, tell_list

if TYPE_CHECKING:
    from accounts.sites.service import SiteService
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
    from wire.accounts import NewSite

    new = converted({"name": site, **given(**options)}, NewSite)

    async def work(service: "SiteService", caller: "Caller") -> bool:
        from accounts.sites.errors import SiteExists

        try:
            await service.add(caller, new)
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
    from wire.accounts import SiteEdit

    edit = converted(given(**options), SiteEdit)

    async def work(service: "SiteService", caller: "Caller") -> str:
        return (await service.edit(caller, site, edit)).name

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


def _run(domain: str, work: "Callable[[SiteService, Caller], Awaitable[T]]") -> T:
    async def run(administration: Administration) -> T:
        return await work(administration.sites, administration.caller)

    return administer_there(domain, run)
