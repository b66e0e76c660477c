"""`presence domain`: the companies that are served."""

from typing import TYPE_CHECKING, Any

import click

from cli.administering import as_json, given, tell, tell_list

if TYPE_CHECKING:
    from wire.identity import DomainId


@click.group()
def domain() -> None:
    """Domains: one a company. Every command can be repeated: what is so already is left as it is."""


_OPTIONS = (
    click.option("--name", help="What the company is called."),
    click.option("--country", help="Two letters: how telephone numbers without a country code are read."),
    click.option("--time-zone", help="Such as Europe/Berlin."),
    click.option("--ringing-is-busy/--ringing-is-free", default=None, help="Whether a ringing call alone makes red."),
)


def _with_options(command: Any) -> Any:
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@domain.command("add")
@click.argument("domain")
@_with_options
@as_json
def add(domain: str, as_json: bool, **options: Any) -> None:
    """Add DOMAIN, named by its SIP domain name."""
    from cli.database import run_with_pool
    from storage.postgres.administering import add_domain

    where, wanted = _domain_of(domain), _checked(given(**options))
    added = run_with_pool(lambda pool: add_domain(pool, where, wanted))
    sentence = f"added {where}" if added else f"{where} is there already"
    tell({"domain": where, "changed": added}, sentence, json_wanted=as_json)


@domain.command("set")
@click.argument("domain")
@_with_options
@as_json
def set_domain(domain: str, as_json: bool, **options: Any) -> None:
    """Change what is named of DOMAIN."""
    from cli.database import run_with_pool
    from storage.postgres.administering import change_domain

    where, wanted = _domain_of(domain), _checked(given(**options))
    changed = run_with_pool(lambda pool: change_domain(pool, where, wanted))
    sentence = f"changed {', '.join(changed)}" if changed else "nothing to change"
    tell({"domain": where, "changed": changed}, sentence, json_wanted=as_json)


@domain.command("list")
@as_json
def list_all(as_json: bool) -> None:
    """Show all domains: domain, users, country, time zone, name."""
    from cli.database import run_with_pool
    from storage.postgres.administering import list_domains

    rows = run_with_pool(list_domains)
    tell_list(rows, ("domain", "users", "country", "time_zone", "name"), json_wanted=as_json)


def _domain_of(text: str) -> "DomainId":
    import re

    from wire.identity import DomainId

    if not re.fullmatch(r"[a-z0-9._-]{1,253}", text.lower()):
        raise click.BadParameter("letters, digits, dots and dashes only", param_hint="DOMAIN")
    return DomainId(text.lower())


def _checked(wanted: dict[str, Any]) -> dict[str, Any]:
    import re

    from accounts.profiles.values import checked_zone
    from wire.errors import Invalid

    country = wanted.get("country")
    if country is not None:
        wanted["country"] = country.upper()
        if not re.fullmatch(r"[A-Z]{2}", wanted["country"]):
            raise click.BadParameter("two letters, such as US", param_hint="--country")
    try:
        if "time_zone" in wanted:
            checked_zone(wanted["time_zone"])
    except Invalid as error:
        raise click.BadParameter(error.message, param_hint="--time-zone") from error
    return wanted
