"""`presence files`: how much room the files of a domain may take, and how much they do."""

import click


@click.group()
def files() -> None:
    """How much room files of conversations take. The default is PRESENCE_FILES_QUOTA_GB."""


@files.command()
@click.argument("domain")
@click.argument("gigabytes", metavar="GB|default|unlimited")
def quota(domain: str, gigabytes: str) -> None:
    """Let the files of DOMAIN take GB gigabytes, the `default`, or as much as there is (`unlimited`).

    Nothing is deleted: above its quota a domain takes no new files until enough messages or files are deleted.
    """
    from cli.database import run_with_pool
    from storage.postgres.files import PostgresFileStore
    from wire.identity import DomainId

    wanted = _bytes_of(gigabytes)
    before = run_with_pool(lambda pool: PostgresFileStore(pool).set_quota(DomainId(domain.lower()), wanted))
    click.echo(f"{_in_words(wanted)} (before: {_in_words(before)})")


@files.command()
def usage() -> None:
    """Show all domains: name, what its files take, what they may take."""
    from chat.files.quota import in_words
    from cli.database import run_with_pool
    from storage.postgres.files import PostgresFileStore

    for each in run_with_pool(lambda pool: PostgresFileStore(pool).usage()):
        click.echo(f"{each.domain}\t{in_words(each.used)}\t{_in_words(each.quota)}")


def _bytes_of(text: str) -> int | None:
    from chat.files.quota import GIGABYTE, UNLIMITED

    if text in ("default", "unlimited"):
        return None if text == "default" else UNLIMITED
    try:
        wanted = float(text)
    except ValueError:
        wanted = -1.0
    if not 0.001 <= wanted <= 1_000_000:
        raise click.BadParameter("gigabytes from 0.001 to 1000000, default, or unlimited", param_hint="GB")
    return int(wanted * GIGABYTE)


def _in_words(quota: int | None) -> str:
    from chat.files.quota import UNLIMITED, in_words

    if quota is None:
        return "default"
    return "unlimited" if quota == UNLIMITED else in_words(quota)
