"""`presence security`: what a domain requires of logins."""

import click


@click.group()
def security() -> None:
    """What domains require of logins (docs/login.md)."""


@security.command("require-second-factor")
@click.argument("domain")
@click.option("--off", is_flag=True, help="A password is enough again, for who has no second factor.")
def require_second_factor(domain: str, off: bool) -> None:
    """Let nobody of DOMAIN in by a password alone. Who has no second factor sets one up at the next login.

    Logins that are there already go on.
    """
    from datetime import UTC, datetime

    from accounts.model import AuditLine
    from cli.database import run_with_pool
    from storage.postgres.factors import PostgresFactorStore
    from wire.identity import DomainId

    where = DomainId(domain.lower())
    audit = AuditLine(
        at=datetime.now(UTC),
        user=None,
        operator=None,
        action="domain.security_changed",
        target=f"domain:{where}",
        before={"second_factor_required": off},
        after={"second_factor_required": not off},
    )
    was = run_with_pool(lambda pool: PostgresFactorStore(pool).require(where, not off, audit))
    now, before = ("not required" if off else "required"), ("required" if was else "not required")
    click.echo(f"second factor {now} in {where} (before: {before})")
