"""`presence sms`: the numbers of a domain for text messages, and whose they are."""

import click


@click.group()
def sms() -> None:
    """Numbers for text messages: whose each is. One number may be shared, by a department for example.

    The provider is set by PRESENCE_SMS_URL and PRESENCE_SMS_SECRET; docs/sms.md says what it has to speak.
    """


@sms.command()
@click.argument("domain")
@click.argument("number")
@click.option("--user", "extensions", multiple=True, required=True, help="An extension; repeat to share the number.")
@click.option("--label", default="", help="What people call it.")
def add(domain: str, number: str, extensions: tuple[str, ...], label: str) -> None:
    """Give NUMBER (+41441234567) to users of DOMAIN."""
    from cli.database import run_with_pool
    from storage.postgres.sms import PostgresSmsStore
    from wire.identity import DomainId, Extension

    wanted = [Extension(each) for each in dict.fromkeys(extensions)]
    where = DomainId(domain.lower()), _number_of(number)
    run_with_pool(lambda pool: PostgresSmsStore(pool).add_number(*where, wanted, label))


@sms.command()
@click.argument("domain")
@click.argument("number")
@click.option("--user", "extensions", multiple=True, required=True, help="An extension; repeat to share the number.")
def share(domain: str, number: str, extensions: tuple[str, ...]) -> None:
    """Say anew whose NUMBER is. Its conversations go along: who has it no more is in none of them."""
    from cli.database import run_with_pool
    from storage.postgres.sms import PostgresSmsStore
    from wire.identity import DomainId, Extension

    wanted = [Extension(each) for each in dict.fromkeys(extensions)]
    where = DomainId(domain.lower()), _number_of(number)
    run_with_pool(lambda pool: PostgresSmsStore(pool).share_number(*where, wanted))


@sms.command("list")
def list_numbers() -> None:
    """Show all numbers: domain, number, extensions, label."""
    from cli.database import run_with_pool
    from storage.postgres.sms import PostgresSmsStore

    for domain, number, label, extensions in run_with_pool(lambda pool: PostgresSmsStore(pool).list_numbers()):
        click.echo("\t".join((domain, number, ",".join(extensions), label)).rstrip())


def _number_of(text: str) -> str:
    from chat.sms.numbers import e164

    number = e164(text)
    if not number:
        raise click.BadParameter("write it with its country, like +41441234567", param_hint="NUMBER")
    return number
