"""`presence retention`: how long a domain keeps its messages."""

from typing import TYPE_CHECKING

import click

from cli.administering import Administration, administer, administer_there

if TYPE_CHECKING:
    from wire.administration import DomainList


@click.group()
def retention() -> None:
    """How long messages and their files are kept: for ever, unless a domain says otherwise."""


@retention.command("set")
@click.argument("domain")
@click.argument("days", metavar="DAYS|forever")
def set_retention(domain: str, days: str) -> None:
    """Delete messages of DOMAIN once they are older than DAYS, or keep them `forever`.

    A gateway deletes them within the hour, in small steps, and writes into the audit how many. It cannot be undone.
    """
    from wire.administration import DomainEdit

    wanted = _days_of(days)

    async def work(administration: Administration) -> int | None:
        before = await administration.domains.settings(administration.caller)
        await administration.domains.edit(administration.caller, DomainEdit(retention_days=wanted))
        return before.retention_days

    before = administer_there(domain, work)
    click.echo(f"{_in_words(wanted)} (before: {_in_words(before)})")


@retention.command("list")
def list_retentions() -> None:
    """Show the domains that do not keep everything: name, days."""

    async def work(administration: Administration) -> "DomainList":
        return await administration.domains.list_all(administration.caller)

    for each in administer("", work).items:
        if each.retention_days is not None:
            click.echo(f"{each.domain}\t{each.retention_days}")


def _days_of(text: str) -> int | None:
    if text == "forever":
        return None
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 36_500:
        raise click.BadParameter("a number of days from 1 to 36500, or forever", param_hint="DAYS")
    return int(text)


def _in_words(days: int | None) -> str:
    return "kept for ever" if days is None else f"kept for {days} days"
