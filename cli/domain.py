"""`presence domain`: the companies that are served."""

from typing import TYPE_CHECKING, Any

import click

from cli.administering import Administration, administer, as_json, converted, given, tell, tell_list

if TYPE_CHECKING:
    from wire.administration import DomainAdded, DomainDeletion


@click.group()
def domain() -> None:
    """Domains: one a company. Every command can be repeated: what is so already is left as it is."""


def _domain_of(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    import re

    if not re.fullmatch(r"[a-z0-9._-]{1,253}", value.lower()):
        raise click.BadParameter("letters, digits, dots and dashes only")
    return value.lower()


_domain = click.argument("domain", callback=_domain_of)

_OPTIONS = (
    click.option("--name", help="What the company is called."),
    click.option("--country", help="Two letters: how telephone numbers without a country code are read."),
    click.option("--time-zone", help="Such as Europe/Berlin."),
    click.option("--language", help="Of mails to users of whom none is known, such as de; empty: English."),
    click.option("--ringing-is-busy/--ringing-is-free", default=None, help="Whether a ringing call alone makes red."),
)


def _with_options(command: Any) -> Any:
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@domain.command("add")
@_domain
@_with_options
@as_json
def add(domain: str, as_json: bool, **options: Any) -> None:
    """Add DOMAIN, named by its SIP domain name. One that is there with other settings is refused."""
    from wire.administration import NewDomain

    new = _checked({"domain": domain, **given(**options)}, NewDomain)

    async def work(administration: Administration) -> "DomainAdded":
        return await administration.domains.add(administration.caller, new)

    added = administer(domain, work)
    sentence = f"added {domain}" if added.created else f"{domain} is there already"
    tell({"domain": domain, "changed": added.created}, sentence, json_wanted=as_json)


@domain.command("set")
@_domain
@_with_options
@as_json
def set_domain(domain: str, as_json: bool, **options: Any) -> None:
    """Change what is named of DOMAIN."""
    from wire.administration import DomainEdit

    edit = _checked(given(**options), DomainEdit)

    async def work(administration: Administration) -> list[str]:
        before = await administration.domains.settings(administration.caller)
        after = await administration.domains.edit(administration.caller, edit)
        return [name for name in before.editable if getattr(before, name) != getattr(after, name)]

    changed = administer(domain, work)
    sentence = f"changed {', '.join(changed)}" if changed else "nothing to change"
    tell({"domain": domain, "changed": changed}, sentence, json_wanted=as_json)


@domain.command("list")
@as_json
def list_all(as_json: bool) -> None:
    """Show all domains: domain, users, country, time zone, name."""
    import msgspec

    async def work(administration: Administration) -> list[dict[str, Any]]:
        listed = await administration.domains.list_all(administration.caller)
        return [msgspec.to_builtins(each) for each in listed.items]

    tell_list(administer("", work), ("domain", "users", "country", "time_zone", "name"), json_wanted=as_json)


@domain.command("delete")
@_domain
@click.option("--yes", is_flag=True, help="Do not ask.")
@as_json
def delete(domain: str, yes: bool, as_json: bool) -> None:
    """Delete DOMAIN with everything in it: users, conversations, files, contacts, the audit. It cannot be undone.

    Everybody is out at once. Bytes of files go within the hour, by a gateway.
    """
    if not yes:
        typed = click.prompt(f"Everything of {domain} is lost for good. Type its name to go on", err=True)
        if typed.strip().lower() != domain:
            raise click.ClickException("That is another name; nothing was deleted")

    async def work(administration: Administration) -> "DomainDeletion | None":
        from accounts.administration.errors import NoSuchDomain

        try:
            deletion = await administration.domains.delete(administration.caller, administration.caller.domain)
        except NoSuchDomain:
            deletion = None
        await administration.domains.sweep()
        return deletion

    deletion = administer(domain, work)
    sentence = "not there" if deletion is None else f"deleted {domain} with {deletion.users} users"
    tell({"domain": domain, "changed": deletion is not None}, sentence, json_wanted=as_json)


_HINTS = {"country": "two letters, such as US"}


def _checked(wanted: dict[str, Any], kind: Any) -> Any:
    """What was typed wrongly is so before anything is asked."""
    from accounts.profiles.values import checked_language, checked_zone
    from wire.errors import Invalid

    try:
        if "time_zone" in wanted:
            checked_zone(wanted["time_zone"])
        if wanted.get("language"):
            checked_language(wanted["language"])
        return converted(wanted, kind, _HINTS)
    except Invalid as error:
        raise click.UsageError(error.message) from error
    except click.ClickException as error:
        raise click.UsageError(error.message) from error
