"""`presence retention`: how long a domain keeps its messages."""

import click


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
    from cli.database import run_with_pool
    from storage.postgres.keeping import PostgresKeepingStore
    from wire.identity import DomainId

    wanted = _days_of(days)
    before = run_with_pool(lambda pool: PostgresKeepingStore(pool).set_retention(DomainId(domain.lower()), wanted))
    click.echo(f"{_in_words(wanted)} (before: {_in_words(before)})")


@retention.command("list")
def list_retentions() -> None:
    """Show the domains that do not keep everything: name, days."""
    from cli.database import run_with_pool
    from storage.postgres.keeping import PostgresKeepingStore

    for each in run_with_pool(lambda pool: PostgresKeepingStore(pool).retentions()):
        click.echo(f"{each.domain}\t{each.days}")


def _days_of(text: str) -> int | None:
    if text == "forever":
        return None
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 36_500:
        raise click.BadParameter("a number of days from 1 to 36500, or forever", param_hint="DAYS")
    return int(text)


def _in_words(days: int | None) -> str:
    return "kept for ever" if days is None else f"kept for {days} days"
