"""`presence sign-on` and `presence hand-over`: who vouches for the people of a domain."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from accounts.model import AuditLine
    from settings import Settings
    from storage.postgres.pool import Pool

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


def _domain_of(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    return value.lower()


_domain = click.argument("domain", callback=_domain_of)


def _issuer_of(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    from web.openid import is_issuer

    if not is_issuer(value):
        raise click.BadParameter("an address like https://login.example.com, as the provider calls itself")
    return value


def _address_of_keys(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    from web.json_reader import is_trusted_address

    if value and not is_trusted_address(value):
        raise click.BadParameter("an address like https://portal.example.com/keys.json")
    return value


@click.group("sign-on")
def sign_on() -> None:
    """Single sign-on by the identity provider of a domain (OpenID Connect, docs/login.md)."""


@sign_on.command("set")
@_domain
@click.option("--issuer", required=True, callback=_issuer_of, help="The provider, as it calls itself.")
@click.option("--client-id", required=True, help="What it calls us.")
@click.option("--client-secret-file", type=_FILE, help="A file with the secret. Without: PKCE alone.")
@click.option("--email-domain", "email_domains", multiple=True, help="Only addresses of this domain count; repeat.")
@click.option("--trust-emails", is_flag=True, help="Addresses count that it does not say to be verified.")
def set_provider(
    domain: str,
    issuer: str,
    client_id: str,
    client_secret_file: Path | None,
    email_domains: tuple[str, ...],
    trust_emails: bool,
) -> None:
    """Let the people of DOMAIN in who are known to an identity provider, in place of the one before.

    Register with it the address at which it sends browsers back: PRESENCE_PUBLIC_URL/v1/sign-on/callback.
    """
    from accounts.single_sign_on.model import Provider
    from accounts.single_sign_on.service import BACK, about
    from cli.database import run_with_stores
    from cli.sealing import seal_of
    from storage.postgres.single_sign_on import PostgresSignOnStore
    from wire.identity import DomainId

    if trust_emails and not email_domains:
        raise click.UsageError("--trust-emails needs --email-domain: whose addresses does it know to be right?")
    where = DomainId(domain)
    secret = client_secret_file.read_text(encoding="utf-8").strip() if client_secret_file else None

    async def work(pool: "Pool", complete: "Settings") -> str:
        sealed = seal_of(complete).close(secret.encode(), about(where)) if secret else None
        provider = Provider(
            domain=where,
            issuer=issuer,
            client_id=client_id,
            secret=sealed,
            email_domains=tuple(each.lower() for each in email_domains),
            trusts_emails=trust_emails,
        )
        after: dict[str, object] = {"issuer": issuer, "client_id": client_id, "email_domains": [*email_domains]}
        await PostgresSignOnStore(pool).set_provider(provider, _audit("sign_on.set", domain, after))
        return complete.public_url

    public_url = run_with_stores(work)
    click.echo(f"sends browsers back to {public_url or 'PRESENCE_PUBLIC_URL'}{BACK}")


@sign_on.command("remove")
@_domain
def remove_provider(domain: str) -> None:
    """End single sign-on for DOMAIN. Logins that are there go on."""
    from cli.database import run_with_pool
    from storage.postgres.single_sign_on import PostgresSignOnStore
    from wire.identity import DomainId

    audit = _audit("sign_on.removed", domain, {})
    run_with_pool(lambda pool: PostgresSignOnStore(pool).remove_provider(DomainId(domain), audit))


@sign_on.command("list")
def list_providers() -> None:
    """Show all: domain, issuer, what it calls us, whose addresses count."""
    from cli.database import run_with_pool
    from storage.postgres.single_sign_on import PostgresSignOnStore

    for each in run_with_pool(lambda pool: PostgresSignOnStore(pool).providers()):
        counted = ",".join(each.email_domains) or "all addresses"
        trusted = ", unverified too" if each.trusts_emails else ""
        click.echo("\t".join((each.domain, each.issuer, each.client_id, counted + trusted)))


@click.group("hand-over")
def hand_over() -> None:
    """Portals with their own login that hand their users over with signed tokens (docs/login.md)."""


@hand_over.command("set")
@_domain
@click.argument("issuer")
@click.argument("keys", type=_FILE, required=False)
@click.option("--keys-from", default="", callback=_address_of_keys, help="An address of a JWK set, instead of KEYS.")
@click.option("--names", type=click.Choice(["login", "extension", "email"]), default="login", help="What `sub` is.")
def set_issuer(domain: str, issuer: str, keys: Path | None, keys_from: str, names: str) -> None:
    """Let those into DOMAIN for whom ISSUER signs, by public keys in the file KEYS: a JWK set, a JWK, or PEM.

    Keys from an address are read now, and again every hour and when a token names another one.
    """
    from datetime import UTC, datetime

    from accounts.single_sign_on.model import HandOverIssuer, Names
    from cli.database import run_with_pool
    from storage.postgres.single_sign_on import PostgresSignOnStore
    from wire.identity import DomainId

    if (keys is None) == (keys_from == ""):
        raise click.UsageError("either KEYS or --keys-from: whose word is taken otherwise?")
    line = HandOverIssuer(
        domain=DomainId(domain),
        issuer=issuer,
        keys=_keys_in(keys) if keys else _keys_at(keys_from),
        names=Names(names),
        keys_url=keys_from,
        keys_read_at=datetime.now(UTC) if keys_from else None,
    )
    audit = _audit("hand_over.set", domain, {"issuer": issuer, "names": names, "keys_from": keys_from})
    run_with_pool(lambda pool: PostgresSignOnStore(pool).set_hand_over_issuer(line, audit))


@hand_over.command("remove")
@_domain
@click.argument("issuer")
def remove_issuer(domain: str, issuer: str) -> None:
    """Let nobody into DOMAIN any more for whom ISSUER signs. Logins that are there go on."""
    from cli.database import run_with_pool
    from storage.postgres.single_sign_on import PostgresSignOnStore
    from wire.identity import DomainId

    audit = _audit("hand_over.removed", domain, {"issuer": issuer})
    run_with_pool(lambda pool: PostgresSignOnStore(pool).remove_hand_over_issuer(DomainId(domain), issuer, audit))


@hand_over.command("list")
def list_issuers() -> None:
    """Show all: domain, issuer, what `sub` is, where its keys come from."""
    from cli.database import run_with_pool
    from storage.postgres.single_sign_on import PostgresSignOnStore

    for each in run_with_pool(lambda pool: PostgresSignOnStore(pool).hand_over_issuers()):
        click.echo(f"{each.domain}\t{each.issuer}\t{each.names.value}\t{each.keys_url or 'keys from a file'}")


def _keys_in(file: Path) -> bytes:
    from accounts.single_sign_on.tokens import BadKeys, public_keys

    try:
        return public_keys(file.read_bytes())
    except BadKeys as bad:
        raise click.BadParameter(str(bad), param_hint="KEYS") from bad


def _keys_at(url: str) -> bytes:
    import asyncio

    from accounts.single_sign_on.tokens import BadKeys
    from web.json_reader import read_keys

    try:
        return asyncio.run(read_keys(url))
    except BadKeys as why:
        raise click.BadParameter(str(why), param_hint="--keys-from") from why


def _audit(action: str, domain: str, after: dict[str, object]) -> "AuditLine":
    from datetime import UTC, datetime

    from accounts.model import AuditLine

    return AuditLine(
        at=datetime.now(UTC), user=None, operator=None, action=action, target=f"domain:{domain}", after=after
    )
